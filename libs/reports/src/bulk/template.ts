import { stringify } from 'csv-stringify/sync';
import { Language, type ReferenceService } from '#reference';

import { type Column, COLUMNS } from './columns.js';
import type { ImportTemplate } from './import.js';
import { FileFormat } from './job.js';
import { MEDIA_TYPES } from './made-file.js';

/** A file to fill in: its columns, an example row, and in a workbook the codes that may stand in them. @param day of the example */
export async function templateOf(
  format: FileFormat,
  reference: ReferenceService,
  day: string,
): Promise<ImportTemplate> {
  const example = COLUMNS.map(({ name, example: text }) => (name === 'detectedAt' ? `${day} 08:30` : text));
  return {
    fileName: `muster-reports.${format.toLowerCase()}`,
    mediaType: MEDIA_TYPES[format],
    content: (await bytesOf(format, example, reference, day)).toString('base64'),
  };
}

async function bytesOf(
  format: FileFormat,
  example: readonly string[],
  reference: ReferenceService,
  day: string,
): Promise<Buffer> {
  const header = COLUMNS.map(({ name }) => name);
  switch (format) {
    case FileFormat.CSV:
      return Buffer.from(stringify([header, example], { bom: true, record_delimiter: 'windows' }));
    case FileFormat.NDJSON:
      return Buffer.from(`${JSON.stringify(objectOf(example))}\n`);
    case FileFormat.XLSX: {
      // It takes memory and time to load: only where it is used.
      const { default: exceljs } = await import('exceljs');
      const workbook = new exceljs.Workbook();
      workbook.addWorksheet('Reports').addRows([header, [...example]]);
      workbook.addWorksheet('Codes').addRows(codesOf(reference, day));
      return Buffer.from(await workbook.xlsx.writeBuffer());
    }
  }
}

/** Each column with what it is for and what may stand there, and the lists of commodities and countries. */
function codesOf(reference: ReferenceService, day: string): string[][] {
  return [
    ['column', 'required', 'what it is', 'codes'],
    ...COLUMNS.map(({ name, isRequired, about, codes }) => [
      name,
      isRequired ? 'yes' : '',
      about,
      codes?.join(', ') ?? '',
    ]),
    [],
    ['commodity', 'name', 'agreement that the list names'],
    ...reference.findCommodities(day).map(({ code, name, agreement }) => [code, name, agreement]),
    [],
    ['country', 'name'],
    ...reference.countriesOn(day).map(({ code, names }) => [code, names[Language.EN]]),
  ];
}

/** The example as an object with the fields of a violation. */
function objectOf(example: readonly string[]): object {
  const record: Record<string, unknown> = {};
  const line: Record<string, unknown> = {};
  COLUMNS.forEach((column, index) => {
    const text = example[index] ?? '';
    if (text === '') return;
    if (column.of === 'line') line[column.name] = text;
    else set(record, (column.path ?? column.name).split('.'), valueOf(column, text));
  });
  const { consignment } = record as { consignment?: { cargoUnits?: object } };
  if (consignment?.cargoUnits) consignment.cargoUnits = [consignment.cargoUnits];
  return { ...record, lines: [line] };
}

function valueOf({ kind, name }: Column, text: string): unknown {
  if (kind === 'count') return Number(text);
  if (kind === 'countries') return [text];
  return name === 'detectedAt' ? text.replace(' ', 'T') : text;
}

function set(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) into[name] = value;
  else set((into[name] ??= {}) as Record<string, unknown>, rest, value);
}
