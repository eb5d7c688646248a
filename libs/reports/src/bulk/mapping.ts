import type { Faults } from '#platform';

import { type Column, columnNamed, COLUMNS, NOTES, TOLD } from './columns.js';
import { isDateFormat } from './date-formats.js';
import type { ImportMapping } from './import.js';
import type { ImportMappingInput } from './import.inputs.js';
import { LIMITS } from './sheet.js';

/** Where a file has each column of the template. */
export interface Layout {
  /** Places in the file's rows. */
  readonly places: ReadonlyMap<Column, number>;
  readonly constants: ReadonlyMap<Column, string>;
}

const PATH = 'input.mapping';
const LONGEST = 300;

/** Reads a mapping, and notes what is wrong with it as far as the file is not needed to tell. */
export function readMapping(faults: Faults, input: ImportMappingInput): ImportMapping {
  if (input.columns.length > LIMITS.columns || input.constants.length > LIMITS.columns) {
    faults.add(PATH, 'length', `Map at most ${LIMITS.columns} columns.`);
    return { columns: [], constants: [], dateFormat: null, decimalComma: input.decimalComma };
  }
  const seen = new Map<string, string>();
  const judgeField = (path: string, field: string): void => {
    const column = columnNamed(field);
    const before = column && seen.get(column.name);
    if (!column) faults.add(path, 'field', `${field} is no column of the template: ${nameList()}.`);
    else if (before !== undefined) faults.add(path, 'twice', `${column.name} is given by ${before} already.`);
    else seen.set(column.name, path);
  };
  input.columns.forEach(({ field }, index) => judgeField(`${PATH}.columns.${index}.field`, field));
  input.constants.forEach(({ field, value }, index) => {
    judgeField(`${PATH}.constants.${index}.field`, field);
    if (value.length > LONGEST)
      faults.add(`${PATH}.constants.${index}.value`, 'length', `Use at most ${LONGEST} characters.`);
  });
  const format = input.dateFormat?.trim() ?? '';
  if (format !== '' && !isDateFormat(format)) {
    faults.add(
      `${PATH}.dateFormat`,
      'form',
      'Write it of YYYY, MM and DD, with HH and mm or without, such as DD/MM/YYYY HH:mm.',
    );
  }
  return {
    columns: input.columns.map(({ column, field }) => ({
      column: column.trim(),
      field: columnNamed(field)?.name ?? field,
    })),
    constants: input.constants.map(({ field, value }) => ({ field: columnNamed(field)?.name ?? field, value })),
    dateFormat: format === '' ? null : format,
    decimalComma: input.decimalComma,
  };
}

/**
 * Finds the columns of a file by its header, and notes each that is wrong: one that the mapping names and the file lacks or has twice, or, without
 * a mapping, one that the template does not know.
 */
export function layOut(faults: Faults, header: readonly string[], mapping: ImportMapping | null): Layout {
  const names = header.map(normal);
  const places = new Map<Column, number>();
  if (mapping) {
    mapping.columns.forEach(({ column: name, field }, index) => {
      const column = columnNamed(field);
      const at = names.indexOf(normal(name));
      const path = `${PATH}.columns.${index}.column`;
      if (at < 0) faults.add(path, 'column', `The file has no column "${name}". It has: ${brief(header)}.`);
      else if (names.lastIndexOf(normal(name)) !== at) faults.add(path, 'twice', `The file has "${name}" twice.`);
      else if (column) places.set(column, at);
    });
  } else {
    const told = TOLD.map(normal);
    const unread = [...Object.values(NOTES), ...(told.every((name) => names.includes(name)) ? told : [])];
    header.forEach((name, at) => {
      const column = columnNamed(name);
      if (normal(name) === '' || unread.includes(normal(name))) return;
      if (!column)
        faults.add(`file.${at + 1}`, 'column', `"${name}" is no column of the template: map it, or take it out.`);
      else if (places.has(column)) faults.add(`file.${at + 1}`, 'twice', `The file has "${name}" twice.`);
      else places.set(column, at);
    });
  }
  const constants = new Map<Column, string>();
  for (const { field, value } of mapping?.constants ?? []) {
    const column = columnNamed(field);
    if (column) constants.set(column, value);
  }
  const missing = COLUMNS.filter((column) => column.isRequired && !places.has(column) && !constants.has(column));
  for (const { name } of missing) {
    faults.add(
      mapping ? PATH : 'file',
      `missing-${name}`,
      `Nothing says ${name}: map a column to it or give it a constant.`,
    );
  }
  return { places, constants };
}

function nameList(): string {
  return COLUMNS.map(({ name }) => name).join(', ');
}

function brief(header: readonly string[]): string {
  return header
    .slice(0, 60)
    .map((name) => name.slice(0, 60).toWellFormed())
    .join(', ');
}

function normal(name: string): string {
  return name.trim().toLowerCase();
}
