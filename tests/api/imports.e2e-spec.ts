import exceljs from 'exceljs';
import { parse } from 'csv-parse/sync';
import { v7 } from 'uuid';

import { type Muster, startMuster, until } from '../setup/index.js';
import {
  begin,
  bring,
  type Desk,
  ended,
  importFile,
  importInput,
  IMPORT_QUERY,
  IMPORT_REPORTS,
  IMPORTS,
  MAPPING,
  refusedOf,
  TEMPLATE,
  type ToldImport,
} from '../setup/imports.js';
import { openPorts, type Ports } from '../setup/ports.js';
import { day, Scene } from '../setup/scene.js';

let muster: Muster;
let scene: Scene;
let ports: Ports;
let desk: Desk;

beforeAll(async () => {
  muster = await startMuster();
  scene = await Scene.open(muster);
});

beforeEach(async () => {
  ports = await openPorts(scene);
  desk = { url: muster.url, person: ports.kenya, operationId: ports.operationId, agencyId: ports.agencies.KE };
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const HEADER =
  'reference,detectedAt,scene,crimeArea,nature,detection,place,origin,transit,destination,transportMode,direction,commodity,agreement,quantity,unit,narrative';

/** A row that is right, with changes by column. */
function row(change: Readonly<Record<string, string>> = {}): string {
  const values: Record<string, string> = {
    reference: '',
    detectedAt: `${day(-1)} 08:30`,
    scene: 'consignment',
    crimeArea: 'Pollution',
    nature: 'criminal',
    detection: 'risk profile',
    place: 'KE MBA',
    origin: 'Netherlands',
    transit: 'OMN',
    destination: 'ke',
    transportMode: 'maritime',
    direction: 'import',
    commodity: 'household-waste',
    agreement: 'BASEL',
    quantity: '22.50',
    unit: 'tonne',
    narrative: 'Scan and weight did not fit.',
    ...change,
  };
  return HEADER.split(',')
    .map((name) => `"${(values[name] ?? '').replaceAll('"', '""')}"`)
    .join();
}

const csv = (...rows: readonly string[]): Buffer => Buffer.from([HEADER, ...rows, ''].join('\r\n'));
const stored = (): Promise<Record<string, unknown>[]> =>
  scene.sql(
    `SELECT v.id, v.country, v.author_id, v.place_unlocode, v.place_name, v.origin, v.transit, v.detected_at, v.narrative, v.sharing_level,
       (SELECT array_agg(l.quantity::text || ' ' || l.unit ORDER BY l.line) FROM violation_lines l WHERE l.violation_id = v.id) AS lines
     FROM violations v WHERE v.operation_id = $1 ORDER BY v.arrival`,
    [ports.operationId],
  );

const counts = ({ status, rowsRead, rowsTaken, rowsRepeated, rowsRefused }: ToldImport): unknown[] => [
  status,
  rowsRead,
  rowsTaken,
  rowsRepeated,
  rowsRefused,
];

const records = (file: Buffer): Record<string, string>[] =>
  parse<Record<string, string>>(file, { columns: true, bom: true });

test('rows of CSV become violations, as if they had been logged one by one', async () => {
  const done = await importFile(
    desk,
    'cases.csv',
    csv(row(), row({ narrative: 'Another.', quantity: '3', unit: 'KG' })),
  );
  expect(counts(done)).toEqual(['DONE', 2, 2, 0, 0]);
  expect(done.errorsUrl).toBeNull();
  expect(await stored()).toEqual([
    expect.objectContaining({
      country: 'KE',
      author_id: ports.kenya.id,
      place_unlocode: 'KEMBA',
      origin: 'NL',
      transit: ['OM'],
      detected_at: new Date(`${day(-1)}T08:30:00+03:00`),
      sharing_level: 'AMBER_STRICT',
      lines: ['22.50 TONNE'],
    }),
    expect.objectContaining({ lines: ['3 KG'] }),
  ]);
  const summary = await ports.kenya.do<{ summary: { violations: number } }>(
    `query ($id: UUID!) { operation(id: $id) { summary { violations } } }`,
    { id: ports.operationId },
  );
  expect(summary.summary.violations).toBe(2);
  const events = await scene.sql<{ kind: string }>(
    `SELECT kind FROM feed_events WHERE operation_id = $1 AND kind LIKE 'violation.%'`,
    [ports.operationId],
  );
  expect(events).toHaveLength(2);
});

test('rows of one case, one after the other, are one violation with several lines', async () => {
  const done = await importFile(
    desk,
    'cases.csv',
    csv(row({ reference: 'A-1' }), row({ reference: 'A-1', quantity: '5', unit: 'piece' }), row({ reference: 'A-2' })),
  );
  expect(counts(done)).toEqual(['DONE', 3, 3, 0, 0]);
  expect((await stored()).map(({ lines }) => lines)).toEqual([['22.50 TONNE', '5 PIECE'], ['22.50 TONNE']]);
});

test('a file that is sent again brings nothing twice, with or without numbers of cases', async () => {
  const file = csv(row(), row(), row({ reference: 'B-1' }));
  expect(counts(await importFile(desk, 'cases.csv', file))).toEqual(['DONE', 3, 3, 0, 0]);
  expect(counts(await importFile(desk, 'cases.csv', file))).toEqual(['DONE', 3, 0, 3, 0]);
  expect(await stored()).toHaveLength(3);
});

test('what is wrong with a row is told beside it, and the corrected file brings in just what was refused', async () => {
  const file = csv(
    row(),
    row({ reference: 'C-1', crimeArea: 'Piracy', quantity: 'lots', destination: 'Atlantis' }),
    row({ commodity: 'moon dust', detectedAt: '2001-01-01 10:00' }),
    row({ reference: 'C-2' }),
    row({ reference: 'C-2', quantity: '-1', narrative: '=HYPERLINK("x")' }),
  );
  const done = await importFile(desk, 'cases.csv', file);
  expect(counts(done)).toEqual(['DONE', 5, 1, 0, 4]);
  const refused = records(await refusedOf(desk, done));
  expect(refused.map(({ row: number }) => number)).toEqual(['3', '4', '5', '6']);
  const errors = refused.map((each) => each.errors ?? '');
  expect(errors[0]).toMatch(/crimeArea: .*PIRACY|crimeArea: "Piracy" is none of/);
  expect(errors[0]).toContain('quantity: Write a number');
  expect(errors[0]).toContain('destination: ');
  expect(errors[1]).toContain('commodity: ');
  expect(errors[1]).toContain('detectedAt: It lies outside the operational window');
  expect(errors[2]).toContain('another one of its case');
  expect(errors[3]).toContain('quantity: Give a quantity of more than 0.');
  expect(errors[3]).toContain('narrative: The first row of this case says');
  expect(refused[3]?.narrative).toBe(`'=HYPERLINK("x")`);
  const corrected = (await refusedOf(desk, done))
    .toString()
    .replace('Piracy', 'POLLUTION')
    .replace('lots', '7')
    .replace('Atlantis', 'KE')
    .replace('moon dust', 'household-waste')
    .replace('2001-01-01', day(-2))
    .replace(',-1,', ',1,')
    .replace(`"'=HYPERLINK(""x"")"`, '');
  const again = await importFile(desk, 'corrected.csv', Buffer.from(corrected));
  expect(counts(again)).toEqual(['DONE', 4, 4, 0, 0]);
  expect(await stored()).toHaveLength(4);
});

test('a dry run judges all and stores nothing but its own outcome', async () => {
  const file = csv(row({ reference: 'D-1' }), row({ quantity: 'x' }), row({ reference: 'D-1', quantity: '9' }));
  const done = await importFile(desk, 'cases.csv', file, { dryRun: true });
  expect(counts(done)).toEqual(['DONE', 3, 1, 0, 2]);
  expect(records(await refusedOf(desk, done))).toHaveLength(2);
  // What was refused takes no case's place.
  const mended = csv(row({ reference: 'D-2', quantity: '-1' }), row({ reference: 'D-3' }), row({ reference: 'D-2' }));
  expect(counts(await importFile(desk, 'mended.csv', mended, { dryRun: true }))).toEqual(['DONE', 3, 2, 0, 1]);
  expect(await stored()).toEqual([]);
  const left = await scene.sql(`SELECT FROM record_ids WHERE operation_id = $1`, [ports.operationId]);
  expect(left).toEqual([]);
  const head = await scene.sql<{ kind: string }>(
    `SELECT DISTINCT kind FROM feed_events WHERE operation_id = $1 AND kind LIKE 'violation.%'`,
    [ports.operationId],
  );
  expect(head).toEqual([]);
});

const OWN = [
  'Fallnummer;Datum;Ware;Menge;Einheit;Ort;Bemerkung',
  'F-7;14.03.2026 09:15;Household waste;1.234,5;kg;Mombasa;=1+1 größer',
];
const OWN_MAPPING = {
  columns: [
    { column: 'fallnummer', field: 'reference' },
    { column: 'Datum', field: 'detectedAt' },
    { column: 'Ware', field: 'commodity' },
    { column: 'Menge', field: 'quantity' },
    { column: 'Einheit', field: 'unit' },
    { column: 'Ort', field: 'place' },
    { column: 'Bemerkung', field: 'narrative' },
  ],
  constants: [
    { field: 'scene', value: 'SITE' },
    { field: 'crimeArea', value: 'POLLUTION' },
    { field: 'nature', value: 'ADMINISTRATIVE' },
    { field: 'detection', value: 'COMPLAINT' },
    { field: 'agreement', value: 'BASEL' },
  ],
  dateFormat: 'DD.MM.YYYY HH:mm',
  decimalComma: true,
};

test("a country's own spreadsheet is read by its mapping, which is remembered for the country alone", async () => {
  const today = day(-1).split('-').reverse().join('.');
  const text = OWN.join('\r\n').replace('14.03.2026', today);
  const file = Buffer.from(text, 'latin1');
  expect(await ports.tanzania.do(MAPPING, { country: 'KE' })).toBeNull();
  const done = await importFile(desk, 'eigene.csv', file, { mapping: OWN_MAPPING });
  expect(counts(done)).toEqual(['DONE', 1, 1, 0, 0]);
  expect(await stored()).toEqual([
    expect.objectContaining({
      lines: ['1234.5 KG'],
      place_name: 'Mombasa',
      narrative: '=1+1 größer',
      detected_at: new Date(`${day(-1)}T09:15:00+03:00`),
    }),
  ]);
  expect(await ports.kenya.do(MAPPING, { country: 'KE' })).toEqual({
    ...OWN_MAPPING,
    columns: OWN_MAPPING.columns,
  });
  expect(await ports.tanzania.do(MAPPING, { country: 'KE' })).toBeNull();
});

test('a bad mapping is refused in one answer that names each wrong column', async () => {
  const uploadId = await bring(desk, 'eigene.csv', Buffer.from(OWN.join('\n')));
  const refused = await ports.kenya.refused(IMPORT_REPORTS, {
    input: importInput(desk, uploadId, {
      mapping: {
        columns: [
          { column: 'Tag', field: 'detectedAt' },
          { column: 'Ware', field: 'commodity' },
        ],
      },
    }),
  });
  expect(refused.code).toBe('BAD_USER_INPUT');
  expect(refused.fields?.map(({ rule }) => rule)).toEqual(
    expect.arrayContaining(['column', 'missing-scene', 'missing-quantity']),
  );
  const unknown = await ports.kenya.refused(IMPORT_REPORTS, {
    input: importInput(desk, uploadId, {
      mapping: { columns: [{ column: 'Ware', field: 'goods' }], dateFormat: 'D/M/Y' },
    }),
  });
  expect(unknown.fields?.map(({ path }) => path)).toEqual([
    'input.mapping.columns.0.field',
    'input.mapping.dateFormat',
  ]);
  const plain = await ports.kenya.refused(IMPORT_REPORTS, { input: importInput(desk, uploadId) });
  expect(plain.fields?.filter(({ rule }) => rule === 'column')).toHaveLength(7);
});

async function workbook(rows: readonly (readonly exceljs.CellValue[])[], is1904 = false): Promise<Buffer> {
  const book = new exceljs.Workbook();
  book.properties.date1904 = is1904;
  book.addWorksheet('Cases').addRows(rows.map((cells) => [...cells]));
  return Buffer.from(await book.xlsx.writeBuffer());
}

test.each([false, true])('a workbook is read, its dates and formulas too (1904: %s)', async (is1904) => {
  const at = new Date(`${day(-1)}T08:30:00Z`);
  const header = HEADER.split(',');
  const cells = (change: Readonly<Record<string, exceljs.CellValue>>): exceljs.CellValue[] => {
    const [plain = []] = parse(row());
    return header.map((name, index) => change[name] ?? plain[index] ?? '');
  };
  const bytes = await workbook(
    [
      header,
      cells({ detectedAt: at, quantity: 22.1 }),
      cells({
        reference: 'X-1',
        quantity: { formula: '0.1+0.2', result: 0.1 + 0.2 },
        narrative: { richText: [{ text: 'in ' }, { text: 'parts' }] },
      }),
      cells({ reference: 'X-2', quantity: 'none' }),
    ],
    is1904,
  );
  const done = await importFile(desk, 'cases.xlsx', bytes, { format: 'XLSX' });
  expect(counts(done)).toEqual(['DONE', 3, 2, 0, 1]);
  expect(await stored()).toEqual([
    expect.objectContaining({ detected_at: new Date(`${day(-1)}T08:30:00+03:00`), lines: ['22.1 TONNE'] }),
    expect.objectContaining({ lines: ['0.3 TONNE'], narrative: 'in parts' }),
  ]);
  const book = new exceljs.Workbook();
  await book.xlsx.load((await refusedOf(desk, done)) as never);
  const [sheet] = book.worksheets;
  sheet?.getRow(2).eachCell((cell) => {
    if (cell.value === 'none') cell.value = 4;
  });
  const corrected = Buffer.from(await book.xlsx.writeBuffer());
  expect(counts(await importFile(desk, 'again.xlsx', corrected, { format: 'XLSX' }))).toEqual(['DONE', 1, 1, 0, 0]);
});

test('objects of NDJSON are read with the fields of a violation, and told back with their errors', async () => {
  const object = {
    reference: 'N-1',
    detectedAt: `${day(-1)}T05:30:00Z`,
    timeZone: 'Africa/Nairobi',
    scene: 'CONSIGNMENT',
    crimeArea: 'POLLUTION',
    nature: 'CRIMINAL',
    detection: 'CHANCE',
    place: { unlocode: 'KEMBA' },
    consignment: {
      transportMode: 'MARITIME',
      direction: 'IMPORT',
      route: { origin: 'NL', transit: ['OM'], destination: 'KE' },
      cargoUnits: [{ container: 'CSQU3054383' }, { vehicle: 'KBA 123A' }],
    },
    lines: [
      { agreement: 'BASEL', commodity: 'household-waste', quantity: '1.5', unit: 'TONNE' },
      { agreement: 'BASEL', commodity: 'household-waste', quantity: '7', unit: 'PIECE' },
    ],
  };
  const wrong = { ...object, reference: 'N-2', colour: 'red', lines: [{ ...object.lines[0], quantity: 1.5 }] };
  const file = Buffer.from([JSON.stringify(object), JSON.stringify(wrong), 'nothing', ''].join('\n'));
  const done = await importFile(desk, 'cases.ndjson', file, { format: 'NDJSON' });
  expect(counts(done)).toEqual(['DONE', 3, 1, 0, 2]);
  expect((await stored()).map(({ lines }) => lines)).toEqual([['1.5 TONNE', '7 PIECE']]);
  expect(
    await scene.sql(`SELECT kind FROM cargo_units WHERE operation_id = $1 ORDER BY ordinal`, [ports.operationId]),
  ).toEqual([{ kind: 'container' }, { kind: 'vehicle' }]);
  const refused = (await refusedOf(desk, done))
    .toString()
    .trim()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { row: number; errors: string; lines?: { quantity: unknown }[]; colour?: string },
    );
  expect(refused.map(({ row: number }) => number)).toEqual([2, 3]);
  expect(refused[0]?.errors).toMatch(/colour.*no field/);
  expect(refused[0]?.errors).toContain('as a string');
  const { colour: _colour, ...rest } = refused[0] ?? { row: 0, errors: '' };
  const corrected = Buffer.from(JSON.stringify({ ...rest, lines: [{ ...rest.lines?.[0], quantity: '1.5' }] }));
  expect(counts(await importFile(desk, 'again.ndjson', corrected, { format: 'NDJSON' }))).toEqual(['DONE', 1, 1, 0, 0]);
});

test.each(['CSV', 'XLSX', 'NDJSON'])('the template in %s can be imported as it is', async (format) => {
  const template = await ports.kenya.do<{ fileName: string; content: string }>(TEMPLATE, {
    id: ports.operationId,
    format,
  });
  const done = await importFile(desk, template.fileName, Buffer.from(template.content, 'base64'), { format });
  expect([done.failure, ...counts(done)]).toEqual([null, 'DONE', 1, 1, 0, 0]);
});

test('others learn nothing of an import: no list, no id, no file, no event, no entry of the log', async () => {
  const done = await importFile(desk, 'cases.csv', csv(row({ quantity: 'x' })));
  const { id: operationId } = { id: ports.operationId };
  const feedOf = async (person: typeof ports.kenya): Promise<string> =>
    JSON.stringify(
      await person.do(
        `query ($id: UUID!) { operationFeed(operationId: $id, first: 500) { events { kind country } } }`,
        { id: operationId },
      ),
    );
  const logOf = async (person: typeof ports.kenya): Promise<string> =>
    JSON.stringify(
      await person.do(`query ($id: UUID!) { auditLog(operationId: $id, first: 200) { edges { node { action } } } }`, {
        id: operationId,
      }),
    );
  expect(await feedOf(ports.kenya)).toContain('import.finished');
  expect(await logOf(ports.kenya)).toContain('import.begun');
  for (const person of [ports.tanzania, ports.hub, ports.officer])
    expect(await feedOf(person)).not.toContain('import.');
  for (const person of [ports.tanzania, ports.hub]) expect(await logOf(person)).not.toContain('import.');
  expect(await ports.tanzania.do(IMPORTS, { id: operationId })).toEqual([]);
  const hidden = await ports.tanzania.refused(IMPORT_QUERY, { id: done.id });
  expect(hidden).toEqual(await ports.tanzania.refused(IMPORT_QUERY, { id: v7() }));
  expect(hidden.code).toBe('NOT_FOUND');
  for (const person of [ports.hub, ports.officer])
    expect((await person.refused(IMPORTS, { id: operationId })).code).toBe('FORBIDDEN');
  const uploadId = await bring(desk, 'cases.csv', csv(row()));
  const other = importInput({ ...desk, agencyId: ports.agencies.TZ }, uploadId);
  expect((await ports.tanzania.refused(IMPORT_REPORTS, { input: other })).fields?.map(({ rule }) => rule)).toEqual([
    'upload',
  ]);
});

test('an import is begun once, however often it is asked for, and each has an id of its own', async () => {
  const uploadId = await bring(desk, 'cases.csv', csv(row()));
  const input = importInput(desk, uploadId);
  const [one, other] = await Promise.all([1, 2].map(() => ports.kenya.do<ToldImport>(IMPORT_REPORTS, { input })));
  expect(one?.id).toBe(other?.id);
  await ended(desk, one?.id ?? '');
  expect(await stored()).toHaveLength(1);
  expect((await ports.kenya.refused(IMPORT_REPORTS, { input: { ...input, dryRun: true } })).code).toBe('CONFLICT');
});

test('where many imports of a country wait, one more is told to come back; another country is not', async () => {
  const done = await importFile(desk, 'cases.csv', csv(row()));
  await scene.sql(
    `INSERT INTO imports (operation_id, id, country, author_id, agency_id, upload_id, command_hash, file_name, format, dry_run, exercise, sharing,
       status, created_at)
     SELECT operation_id, gen_random_uuid(), country, author_id, agency_id, upload_id, command_hash, file_name, format, dry_run, exercise, sharing,
       'WAITING', now() FROM imports, generate_series(1, 5) WHERE id = $1`,
    [done.id],
  );
  const input = importInput(desk, await bring(desk, 'more.csv', csv(row())));
  expect((await ports.kenya.refused(IMPORT_REPORTS, { input })).code).toBe('UNAVAILABLE');
  const other: Desk = { ...desk, person: ports.tanzania, agencyId: ports.agencies.TZ };
  const theirs = await importFile(other, 'cases.csv', csv(row({ destination: 'TZ', place: 'TZDAR' })));
  expect(counts(theirs)).toEqual(['DONE', 1, 1, 0, 0]);
});

test('an id of an import that another country used is not usable, and nothing more is told', async () => {
  const done = await importFile(desk, 'cases.csv', csv(row({ quantity: 'x' })));
  const other: Desk = { ...desk, person: ports.tanzania, agencyId: ports.agencies.TZ };
  const uploadId = await bring(other, 'cases.csv', csv(row({ destination: 'TZ', place: 'TZDAR' })));
  const refused = await ports.tanzania.refused(IMPORT_REPORTS, {
    input: importInput(other, uploadId, { id: done.id }),
  });
  expect([refused.code, refused.fields?.map(({ path, rule }) => [path, rule])]).toEqual([
    'BAD_USER_INPUT',
    [['input.id', 'unusable']],
  ]);
});

test('an id in another writing, and a text that is none, are told beside their row and stop no other', async () => {
  const lines = [{ agreement: 'BASEL', commodity: 'household-waste', quantity: '1.5', unit: 'TONNE' }];
  const right = {
    detectedAt: `${day(-1)}T05:30:00Z`,
    scene: 'SITE',
    crimeArea: 'POLLUTION',
    nature: 'CRIMINAL',
    detection: 'CHANCE',
    place: { unlocode: 'KEMBA' },
    lines,
  };
  const file = [
    { ...right, id: `{${v7()}}` },
    { ...right, id: v7().replaceAll('-', '') },
    { ...right, narrative: 'a\u0000b' },
    { ...right, crimeArea: '\u0000' },
    { ...right, lines: Array.from({ length: 100_000 }, () => ({})) },
    { ...right, id: v7().toUpperCase() },
  ];
  const bytes = Buffer.from(file.map((each) => JSON.stringify(each)).join('\n'));
  const done = await importFile(desk, 'cases.ndjson', bytes, { format: 'NDJSON' });
  expect([done.failure, ...counts(done)]).toEqual([null, 'DONE', 6, 1, 0, 5]);
  const errors = (await refusedOf(desk, done))
    .toString()
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { errors: string }).errors);
  expect(errors[0]).toMatch(/^id: An id is a UUID/);
  expect(errors[1]).toMatch(/^id: An id is a UUID/);
  expect(errors[2]).toMatch(/^narrative: Leave out/);
  expect(errors[3]).toMatch(/^crimeArea: Leave out/);
  expect(errors[4]).toContain('Use at most 200 lines.');
  expect(await stored()).toHaveLength(1);
});

test('the files of an import are removed after a week, and those of another stay', async () => {
  const [old, young] = [
    await importFile(desk, 'old.csv', csv(row({ quantity: 'x' }))),
    await importFile(desk, 'young.csv', csv(row({ quantity: 'y' }))),
  ];
  const link = new URL(old.errorsUrl ?? 'no-url', muster.url);
  expect((await fetch(link)).status).toBe(200);
  await scene.sql(
    `UPDATE import_uploads SET sealed_at = now() - interval '8 days' WHERE id = (SELECT upload_id FROM imports WHERE id = $1)`,
    [old.id],
  );
  await scene.sql(`UPDATE imports SET finished_at = now() - interval '8 days' WHERE id = $1`, [old.id]);
  // A worker sweeps when it starts.
  const worker = await muster.add('worker');
  const left = await until(async () => {
    const rows = await scene.sql<{ file_name: string }>(
      `SELECT file_name FROM import_uploads WHERE operation_id = $1`,
      [ports.operationId],
    );
    const told = await ports.kenya.do<ToldImport>(IMPORT_QUERY, { id: old.id });
    return rows.length === 1 && told.errorsUrl === null ? rows : undefined;
  });
  await worker.stop();
  expect(left).toEqual([{ file_name: 'young.csv' }]);
  expect((await fetch(link)).status).toBe(404);
  expect(records(await refusedOf(desk, young))).toHaveLength(1);
});

test('an import whose author coordinates no more ends, and what it took stays', async () => {
  const uploadId = await bring(desk, 'cases.csv', csv(row()));
  const input = importInput(desk, uploadId);
  // Between the door and the worker.
  await scene.sql(`CREATE FUNCTION end_rights() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN UPDATE grants SET ended_at = now() WHERE user_id = NEW.author_id; RETURN NULL; END $$`);
  await scene.sql(`CREATE TRIGGER end_rights AFTER INSERT ON imports FOR EACH ROW EXECUTE FUNCTION end_rights()`);
  try {
    await ports.kenya.ask(IMPORT_REPORTS, { input });
  } finally {
    await scene.sql(`DROP FUNCTION end_rights CASCADE`);
  }
  const second = await scene.person(ports.agencies.KE, {
    role: 'NATIONAL_COORDINATOR',
    country: 'KE',
    operationId: ports.operationId,
  });
  const done = await ended({ ...desk, person: second }, String(input.id));
  expect(done).toMatchObject({ status: 'FAILED', rowsTaken: 0 });
  expect(await stored()).toEqual([]);
});

test('a worker that is killed in the middle loses nothing and takes nothing twice', async () => {
  const rows = Array.from({ length: 6_000 }, (_, index) => row({ narrative: `Case ${index % 3_000}` }));
  const id = await begin(desk, 'many.csv', csv(...rows));
  let worker = muster.worker;
  let killed = 0;
  for (const least of [500, 2_500]) {
    for (;;) {
      const told = await ports.kenya.do<ToldImport>(IMPORT_QUERY, { id });
      if (told.status === 'DONE' || told.rowsRead >= least) break;
    }
    await worker?.kill('SIGKILL');
    killed += 1;
    // Its lease runs out by itself; the test does not wait for that.
    await scene.sql(`UPDATE outbox SET due_at = now() WHERE subject_id = $1`, [id]);
    worker = await muster.add('worker');
  }
  const done = await ended(desk, id, 60_000);
  expect(killed).toBe(2);
  expect(counts(done)).toEqual(['DONE', 6_000, 6_000, 0, 0]);
  const [{ count } = { count: 0 }] = await scene.sql<{ count: number }>(
    `SELECT count(*)::int AS count FROM violations WHERE operation_id = $1`,
    [ports.operationId],
  );
  expect(count).toBe(6_000);
}, 120_000);
