import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import pg from 'pg';
import { v7 } from 'uuid';

import type { Figure } from './figures.js';
import { type Caller, graphql, type Stage } from './stage.js';

const GOAL = 0.1;
const MEMORY_GOAL = 200;
const ROWS = 100_000;
const LIMIT_MS = 10 * 60_000;

/** What an import writes to, as far as it holds rows of the file. */
const TABLES = [
  'record_ids',
  'violations',
  'violation_lines',
  'cargo_units',
  'shared_records',
  'violation_versions',
  'figures',
  'figure_lines',
  'feed_events',
  'audit_entries',
];

const IMPORT = `mutation ($input: ImportReportsInput!) { importReports(input: $input) { id } }`;
const LOOK = `query ($id: UUID!) { import(id: $id) { status failure rowsTaken rowsRefused } }`;

interface ToldImport {
  readonly status: string;
  readonly failure: string | null;
  readonly rowsTaken: number;
  readonly rowsRefused: number;
}

/**
 * How many rows of CSV a second become violations, with all checks, figures and feed, against COPY of the same rows into the same tables; and
 * the most memory that the worker has held. The first of all measurements, as a process gives little memory back.
 */
export async function measureBulk(stage: Stage, url: string): Promise<Figure[]> {
  const { operationId, agencyId } = await stage.operation();
  const grant = { role: 'NATIONAL_COORDINATOR', operationId, country: 'KE', unitId: null };
  const [coordinator] = await stage.people(url, 1, agencyId, grant);
  if (!coordinator) throw new Error('Nobody imports.');
  const uploadId = await upload(url, coordinator, operationId, file());
  const began = performance.now();
  const id = v7();
  const input = { id, operationId, agencyId, uploadId, format: 'CSV', sharing: { level: 'AMBER' } };
  await graphql(url, IMPORT, { input }, coordinator.token);
  await done(url, coordinator, id);
  const rate = ROWS / ((performance.now() - began) / 1000);
  const memory = stage.peak('worker');
  const baseline = ROWS / (await copySeconds(stage, operationId));
  return [
    {
      name: `bulk import of ${ROWS} rows of CSV`,
      value: rate,
      unit: '/s',
      baseline,
      goal: GOAL,
      holds: rate / baseline >= GOAL,
    },
    {
      name: 'resident memory of worker at it, most',
      value: memory,
      unit: 'MiB',
      baseline: null,
      goal: MEMORY_GOAL,
      holds: memory < MEMORY_GOAL,
    },
  ];
}

/** A spreadsheet of cases, every third with two kinds of goods. */
function file(): Buffer {
  const at = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const lines = [
    'reference,detectedAt,scene,crimeArea,nature,detection,unlocode,origin,transit,destination,transportMode,direction,vesselFlag,' +
      'commodity,agreement,quantity,unit,value,currency,persons,narrative',
  ];
  for (let row = 0; lines.length <= ROWS; row++) {
    const minute = String(row % 60).padStart(2, '0');
    const goods = (kg: number): string =>
      `KE-${row},${at} 08:${minute},CONSIGNMENT,POLLUTION,CRIMINAL,RISK_PROFILE,KEMBA,NL,OM,KE,MARITIME,IMPORT,LR,` +
      `household-waste,BASEL,${kg}.5,KG,${kg * 3},USD,${row % 4},"Scan and weight did not fit the papers; case ${row} was opened."`;
    lines.push(goods(1 + (row % 900)));
    if (row % 3 === 0 && lines.length <= ROWS) lines.push(goods(2 + (row % 700)));
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

async function upload(url: string, { token }: Caller, operationId: string, bytes: Buffer): Promise<string> {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const response = await fetch(`${url}/imports/upload`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'tus-resumable': '1.0.0',
      'upload-length': String(bytes.length),
      'upload-metadata': `operationId ${encode(operationId)},name ${encode('bench.csv')},sha256 ${encode(sha256)}`,
      'content-type': 'application/offset+octet-stream',
    },
    body: new Uint8Array(bytes),
  });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return response.headers.get('location')?.split('/').at(-1) ?? '';
}

async function done(url: string, { token }: Caller, id: string): Promise<void> {
  const until = performance.now() + LIMIT_MS;
  for (;;) {
    const { import: told } = await graphql<{ import: ToldImport }>(url, LOOK, { id }, token);
    if (told.status === 'DONE' && told.rowsTaken === ROWS) return;
    if (told.status === 'DONE' || told.status === 'FAILED' || performance.now() > until) {
      throw new Error(`The import did not take all rows: ${JSON.stringify(told)}`);
    }
    await delay(100);
  }
}

/**
 * Copies what the import stored out of the tables, takes it away, and copies it in again by the bare COPY, without the triggers of the tables;
 * gives how long that takes.
 */
async function copySeconds(stage: Stage, operationId: string): Promise<number> {
  const admin = new pg.Client({ connectionString: stage.adminUrl });
  await admin.connect();
  try {
    const [folder = ''] = (await admin.query<{ data_directory: string }>('SHOW data_directory')).rows.map(
      (row) => row.data_directory,
    );
    const copies: { readonly table: string; readonly columns: string; readonly file: string }[] = [];
    for (const table of TABLES) {
      const { rows } = await admin.query<{ name: string }>(
        `SELECT quote_ident(column_name) AS name FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`,
        [table],
      );
      const copy = { table, columns: rows.map(({ name }) => name).join(', '), file: `${folder}/bench-${table}.copy` };
      copies.push(copy);
      await admin.query(
        `COPY (SELECT ${copy.columns} FROM ${table} WHERE operation_id = '${operationId}') TO '${copy.file}'`,
      );
      const part = `operation_parts.${table}_${operationId.replaceAll('-', '')}`;
      const { rows: parts } = await admin.query(`SELECT FROM pg_class WHERE oid = to_regclass('${part}')`);
      if (parts.length > 0) await admin.query(`TRUNCATE ${part}`);
      else await admin.query(`DELETE FROM ${table} WHERE operation_id = '${operationId}'`);
    }
    await admin.query(`VACUUM record_ids, shared_records`);
    await admin.query(`SET session_replication_role = replica`);
    const began = performance.now();
    await admin.query('BEGIN');
    for (const { table, columns, file } of copies) await admin.query(`COPY ${table} (${columns}) FROM '${file}'`);
    await admin.query('COMMIT');
    return (performance.now() - began) / 1000;
  } finally {
    await admin.end();
  }
}
