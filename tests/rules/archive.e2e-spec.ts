import { jest } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { Audit, Readings, Verification } from '#audit';
import { Clock, Database, partOfMuster, Role } from '#platform';
import pg from 'pg';
import { io } from 'socket.io-client';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';

import { everyField } from '../fuzz/served-schema.js';
import { type EndedOperation, endedOperation } from '../setup/ended-operation.js';
import { type Muster, ROOT, startMuster, testDatabase, type TestDatabase, until } from '../setup/index.js';
import { openPorts } from '../setup/ports.js';
import { LOG, type Person, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';

/** A command seals, signs, writes and reads back before it comes to the point that a test waits for: in milliseconds. */
const LONG = 60_000;
// Of several commands.
jest.setTimeout(4 * LONG);

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

let database: TestDatabase;
let muster: Muster;
let scene: Scene;
let folder: string;
let operation: EndedOperation;
let id: string;
let archive: string;
let owner: DataSource;

beforeAll(async () => {
  database = await testDatabase();
  muster = await startMuster({ databaseUrl: database.url });
  scene = await Scene.open({ ...muster, databaseUrl: database.url });
  owner = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  folder = await mkdtemp(join(tmpdir(), 'muster-archive-'));
});

beforeEach(async () => {
  operation = await endedOperation(scene);
  id = operation.operationId;
  archive = join(folder, id);
});

afterAll(async () => {
  await owner.destroy();
  await scene.close();
  await muster.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Begins a command of the console as the owner of the database. */
function begin(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [join(ROOT, 'dist/apps/console/main.js'), ...args], {
    env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'warn', DATABASE_URL: database.url },
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code) => resolve({ code, output: Buffer.concat(printed).toString() })),
  );
  return { child, ended };
}

const command = (...args: readonly string[]): Promise<Ended> => begin(...args).ended;

/** Runs a command that must end well, and gives what it printed. */
async function does(...args: readonly string[]): Promise<string> {
  const { code, output } = await command(...args);
  expect([code, output]).toEqual([0, output]);
  return output;
}

const QUESTIONS = [
  `operation(id: $id) { ${everyField('Operation')} }`,
  `violations(operationId: $id) { ${everyField('ViolationConnection')} }`,
  `seizures(operationId: $id) { ${everyField('SeizureConnection')} }`,
  `operationFeed(operationId: $id) { ${everyField('FeedPage')} }`,
  `violationTrends(query: { operationIds: [$id], measure: QUANTITY_KG, groupBy: [COUNTRY, COMMODITY, WEEK] }) { ${everyField('TrendResult')} }`,
  `violationTrends(query: { operationIds: [$id], measure: VIOLATIONS, groupBy: [CRIME_AREA] }) { ${everyField('TrendResult')} }`,
  `auditLog(operationId: $id, first: 200) { ${everyField('AuditConnection')} }`,
];

/** All that people are told of the operation: the SHA-256 of each answer, beside what was asked. */
async function told(): Promise<string[]> {
  const { hub, kenya, tanzania, officer, violationIds } = operation;
  const record = `violation(id: $id) { ${everyField('Violation')} }`;
  const asked = [
    ...QUESTIONS.map((question) => [question, id]),
    ...violationIds.map((violationId) => [record, violationId]),
  ];
  const answers: string[] = [];
  for (const [index, person] of [hub, kenya, tanzania, officer].entries()) {
    for (const [question = '', of] of asked) {
      const answer = JSON.stringify(await person.ask(`query ($id: UUID!) { ${question} }`, { id: of }));
      answers.push(`${index} ${question.slice(0, 60)} ${of}: ${createHash('sha256').update(answer).digest('hex')}`);
    }
  }
  return answers;
}

/** The parts of an operation, where each is, and what hangs on it: but for names and the operation's id the same for all. */
async function partsOf(operationId: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ line: string }>(
    `WITH parts AS (
       SELECT c.oid, c.relname, c.relnamespace::regnamespace AS schema, i.inhparent::regclass AS parent
       FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
       WHERE c.relkind = 'r' AND c.relname LIKE '%' || replace($1, '-', ''))
     SELECT format('%s %s', schema, parent) AS line FROM parts
     UNION ALL SELECT format('%s index of %s %s', p.parent, i.inhparent::regclass, x.indisvalid) FROM parts p JOIN pg_index x ON x.indrelid = p.oid
       LEFT JOIN pg_inherits i ON i.inhrelid = x.indexrelid
     UNION ALL SELECT format('%s trigger %s', p.parent, t.tgname) FROM parts p JOIN pg_trigger t ON t.tgrelid = p.oid
       WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'
     UNION ALL SELECT format('%s column %s %s %s', p.parent, a.attname, a.atttypid::regtype, a.attnotnull) FROM parts p
       JOIN pg_attribute a ON a.attrelid = p.oid AND a.attnum > 0
     ORDER BY line`,
    [operationId],
  );
  return rows.map(({ line }) => line);
}

/** The schemas that hold parts of the operation, and how many. */
async function places(): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ schema: string; count: number }>(
    `SELECT relnamespace::regnamespace::text AS schema, count(*)::int AS count FROM pg_class
     WHERE relkind = 'r' AND relname LIKE '%' || replace($1, '-', '') GROUP BY 1`,
    [id],
  );
  return Object.fromEntries(rows.map(({ schema, count }) => [schema, count]));
}

async function isMarked(operationId = id): Promise<boolean> {
  const [row] = await scene.sql<{ archived_at: Date | null }>(`SELECT archived_at FROM operations WHERE id = $1`, [
    operationId,
  ]);
  return row?.archived_at !== null;
}

/** Somebody whom no trigger stops. */
async function tamperer(): Promise<pg.Client> {
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query(`SET session_replication_role = replica`);
  return admin;
}

/** Verifies the audit log as the command does. */
async function verifyLog(): Promise<void> {
  const { breaches } = await new Verification(new Database(owner)).run();
  expect(breaches).toEqual([]);
}

describe('an operation that is not over', () => {
  test('is refused with every reason at once, and nothing is written', async () => {
    const { operationId, kenya, agencies } = await openPorts(scene);
    await kenya.do(LOG, { input: violationInput(operationId, agencies.KE) });
    await scene.sql(
      `INSERT INTO outbox (kind, subject_id, operation_id, country, created_at, due_at, attempts, failed_at)
       VALUES ('seizure.settle', $1, $2, 'KE', now(), now(), 5, now())`,
      [v7(), operationId],
    );
    const to = join(folder, operationId);
    const { code, output } = await command('archive', operationId, '--to', to);
    expect(code).toBe(1);
    expect(output).toContain('it is in the phase OPERATIONAL');
    expect(output).toContain('1 of its records are whole');
    expect(output).toContain('1 of the kind seizure.settle');
    await expect(stat(to)).rejects.toThrow('ENOENT');
    await scene.sql(`DELETE FROM outbox`);
  });

  test('is refused while a record is held, and while its records are kept', async () => {
    await scene.sql(`UPDATE operations SET closed_at = now() - interval '2 months' WHERE id = $1`, [id]);
    await scene.sql(`UPDATE violations SET anonymised_at = NULL WHERE operation_id = $1 AND id = $2`, [
      id,
      operation.violationIds[0],
    ]);
    const { code, output } = await command('archive', id, '--to', archive);
    expect(code).toBe(1);
    expect(output).toMatch(/its records are kept until \d{4}-\d\d-\d\d/);
    expect(output).toContain('or their owners hold them');
  });

  test('is not written over what is in a folder', async () => {
    const { code, output } = await command('archive', id, '--to', ROOT);
    expect([code, output]).toEqual([1, expect.stringContaining('is not empty')]);
    expect(await isMarked()).toBe(false);
    await does('archive', id, '--to', archive);
    const other = await endedOperation(scene);
    const { output: refusal } = await command('archive', other.operationId, '--to', archive);
    expect(refusal).toContain('holds another archive');
    expect(await isMarked(other.operationId)).toBe(false);
  });

  test('is not marked while its chain of the log is broken', async () => {
    const admin = await tamperer();
    const change = async (by: number): Promise<void> => {
      await admin.query(
        `UPDATE audit_entries SET at = at + $2::int * interval '1 second'
         WHERE (operation_id, id) = (SELECT operation_id, min(id) FROM audit_entries WHERE operation_id = $1 GROUP BY 1)`,
        [id, by],
      );
    };
    await change(1);
    const { code, output } = await command('archive', id, '--to', archive);
    await change(-1);
    await admin.end();
    expect([code, output]).toEqual([1, expect.stringContaining('chain of the audit log is broken')]);
    expect(await isMarked()).toBe(false);
    await does('archive', id, '--to', archive);
  });

  test('lets those who come behind a writer go first while it waits to be marked', async () => {
    const lock = `SELECT pg_advisory_xact_lock_shared(hashtextextended('${id}', 1))`;
    const [writer, next] = [await database.pool.connect(), await database.pool.connect()];
    await writer.query('BEGIN');
    await writer.query(lock);
    const { ended } = begin('archive', id, '--to', archive);
    await until(async () => (await scene.sql(`SELECT FROM pg_stat_activity WHERE wait_event = 'advisory'`)).length, {
      limit: LONG,
    });
    await next.query(`SET statement_timeout = '10s'`);
    await next.query(lock);
    await next.query(`RESET statement_timeout`);
    await writer.query('COMMIT');
    for (const client of [writer, next]) client.release();
    expect((await ended).code).toBe(0);
  });
});

describe('an archived operation', () => {
  test('is listed as archived, tells its frame alone, and takes no change', async () => {
    await does('archive', id, '--to', archive);
    const { hub, kenya, officer, violationIds, agencies, mombasa } = operation;
    for (const person of [hub, kenya, officer]) {
      const listed = await person.do<{ id: string; archivedAt: string | null }[]>(`{ operations { id archivedAt } }`);
      expect(listed.find((each) => each.id === id)?.archivedAt).toEqual(expect.any(String));
      const { data, errors } = await person.ask<{ operation: unknown }>(
        `query ($id: UUID!) { operation(id: $id) { phase participations { country } findings { id } summary { violations protected } } }`,
        { id },
      );
      expect(errors).toEqual([]);
      expect(data.operation).toMatchObject({ phase: 'CLOSED', findings: [], summary: { violations: null } });
      for (const question of QUESTIONS.slice(1)) {
        if (person === officer && question.startsWith('auditLog')) continue;
        const { code, message } = await person.refused(`query ($id: UUID!) { ${question} }`, { id });
        expect([code, message]).toEqual(['PHASE', expect.stringContaining('archived')]);
      }
      for (const violationId of violationIds)
        expect(
          (await person.refused(`query ($id: UUID!) { violation(id: $id) { id } }`, { id: violationId })).code,
        ).toBe('NOT_FOUND');
    }
    expect((await kenya.refused(LOG, { input: violationInput(id, agencies.KE) })).code).toBe('PHASE');
    expect((await officer.refused(REPORT, { input: seizureInput(id, mombasa) })).code).toBe('PHASE');
    // An id stays used, and there is nothing to answer a repeat with.
    const again = violationInput(id, agencies.KE, { id: violationIds[0] });
    expect((await kenya.refused(LOG, { input: again })).code).toBe('BAD_USER_INPUT');
    const reported = seizureInput(id, mombasa, { id: operation.seizureId });
    expect((await officer.refused(REPORT, { input: reported })).code).toBe('BAD_USER_INPUT');
    const move = `mutation ($id: UUID!) { moveOperation(id: $id, to: POST_OPERATIONAL, expectedVersion: 4, reason: "Again.") { id } }`;
    expect((await hub.refused(move, { id })).code).toBe('PHASE');
    const grant = `mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id } }`;
    const input = { userId: kenya.id, role: 'OBSERVER', operationId: id };
    expect((await hub.refused(grant, { input })).code).toBe('PHASE');
    const stranger = await scene.person(agencies.TZ, { role: 'NATIONAL_COORDINATOR', country: 'PA' });
    for (const question of [QUESTIONS[0], QUESTIONS[1], QUESTIONS[3], QUESTIONS[4]])
      expect((await stranger.refused(`query ($id: UUID!) { ${question} }`, { id })).code).toBe('NOT_FOUND');
  });

  test('is followed by nobody any more, who is told so', async () => {
    const socket = io(`${muster.url}/live`, {
      auth: { token: operation.kenya.token },
      path: '/socket.io',
      reconnection: false,
    });
    const ended: unknown[] = [];
    socket.on('ended', (said: unknown) => ended.push(said));
    const follow = (): Promise<unknown> => socket.emitWithAck('follow', { operationId: id });
    const first = await follow();
    await does('archive', id, '--to', archive);
    await until(() => ended.length > 0);
    expect(ended).toEqual([{ operationId: id, code: 'PHASE' }]);
    expect(first).toEqual({ ok: true });
    expect(JSON.stringify(await follow())).toContain('PHASE');
    socket.close();
  });

  test('lets a right in it be ended, which the log of the platform says', async () => {
    await does('archive', id, '--to', archive);
    const administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
    const [grant] = await scene.sql<{ id: string }>(`SELECT id FROM grants WHERE user_id = $1`, [operation.officer.id]);
    await administrator.do(`mutation ($id: UUID!) { endGrant(id: $id) }`, { id: grant?.id });
    expect(
      await scene.sql(`SELECT operation_id, details ->> 'operationId' AS of FROM audit_entries WHERE subject_id = $1`, [
        grant?.id,
      ]),
    ).toContainEqual({ operation_id: null, of: id });
  });

  test('stands aside where api and worker may not enter, or is dropped', async () => {
    await does('archive', id, '--to', archive);
    expect(await places()).toEqual({ archived_parts: 12 });
    for (const url of [database.roles.api, database.roles.worker]) {
      const { rows } = await database.pool.query(`SELECT has_schema_privilege($1, 'archived_parts', 'USAGE') AS may`, [
        new URL(url).username,
      ]);
      expect(rows).toEqual([{ may: false }]);
    }
    await does('archive', id, '--to', archive, '--drop');
    expect(await places()).toEqual({});
    expect(
      await scene.sql(
        `SELECT (SELECT count(*) FROM shared_records WHERE operation_id = $1)::int AS shared,
           (SELECT count(*) FROM figure_questions WHERE operation_id = $1)::int AS kept,
           (SELECT count(*) FROM record_ids WHERE operation_id = $1)::int AS used`,
        [id],
      ),
    ).toEqual([{ shared: 0, kept: 0, used: 11 }]);
  });

  test('leaves a log that can be verified, in which a change is found', async () => {
    await does('archive', id, '--to', archive, '--drop');
    const manifest = createHash('sha256')
      .update(await readFile(join(archive, 'manifest.json')))
      .digest('hex');
    const verified = await does('audit:verify');
    expect(verified).toMatch(/The audit log is whole: .* archived\)/);
    expect(verified).toContain(`Archived: operation ${id}, manifest ${manifest}`);
    const admin = await tamperer();
    // Neither the mark without the log's word, nor that without the mark.
    const [marked] = await scene.sql<{ at: Date }>(`SELECT archived_at AS at FROM operations WHERE id = $1`, [id]);
    await admin.query(`UPDATE operations SET archived_at = NULL WHERE id = $1`, [id]);
    expect((await command('audit:verify', id)).output).toContain('it is not marked as archived');
    expect((await command('archive', id, '--to', archive)).output).toContain('it is not marked as archived');
    await admin.query(`UPDATE operations SET archived_at = $2 WHERE id = $1`, [id, marked?.at]);
    const rename = `UPDATE audit_entries SET action = $2 WHERE subject_id = $1 AND action = $3`;
    await admin.query(rename, [id, 'operation.mislaid', 'operation.archived']);
    expect((await command('audit:verify', id)).output).toContain('the log does not say that the operation is archived');
    await admin.query(rename, [id, 'operation.archived', 'operation.mislaid']);
    const { rows } = await admin.query(`DELETE FROM audit_heads WHERE chain = $1 RETURNING *`, [id]);
    expect((await command('audit:verify', id)).output).toContain('no signed head covers');
    for (const { chain, signed_at, seq, hash, nonce, is_hourly, key_id, signature } of rows as Record<
      string,
      unknown
    >[])
      await admin.query(`INSERT INTO audit_heads VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, [
        chain,
        signed_at,
        seq,
        hash,
        nonce,
        is_hourly,
        key_id,
        signature,
      ]);
    const [reading] = (
      await admin.query<{ batch: string; ordinal: number; sha256: Buffer }>(
        `DELETE FROM archived_readings WHERE operation_id = $1 AND (batch, ordinal) IN (
           SELECT batch, ordinal FROM archived_readings WHERE operation_id = $1 LIMIT 1) RETURNING *`,
        [id],
      )
    ).rows;
    expect((await command('audit:verify')).output).toContain('were changed');
    for (const change of [`UPDATE archived_readings SET ordinal = ordinal + 1`, `TRUNCATE archived_readings`])
      await expect(scene.sql(change)).rejects.toThrow('append-only');
    await admin.query(`UPDATE operations SET archived_at = NULL WHERE id = $1`, [id]);
    await expect(scene.sql(`DELETE FROM archived_readings WHERE operation_id = $1`, [id])).rejects.toThrow(
      'append-only',
    );
    await admin.query(`UPDATE operations SET archived_at = $2 WHERE id = $1`, [id, marked?.at]);
    await admin.query(`INSERT INTO archived_readings VALUES ($1, $2, $3, $4)`, [
      id,
      reading?.batch,
      reading?.ordinal,
      reading?.sha256,
    ]);
    await admin.end();
    await verifyLog();
  });
});

describe('the archive', () => {
  test('is readable files with their hashes, for the owner alone, and is verified without the database', async () => {
    await does('archive', id, '--to', archive, '--drop');
    const names = await readdir(archive);
    expect(names).toEqual(expect.arrayContaining(['manifest.json', 'violations.csv.gz', 'audit_entries.csv.gz']));
    expect(names).not.toContain('unfinished');
    for (const name of names) expect((await stat(join(archive, name))).mode & 0o777).toBe(0o600);
    const csv = gunzipSync(await readFile(join(archive, 'violations.csv.gz'))).toString();
    expect(csv).toMatch(/^operation_id,id,arrival,version,country,/);
    expect(csv).toContain(operation.violationIds[0]);
    expect(await does('archive', '--verify', archive)).toContain('Whole');
  });

  test('is found to be broken by any file that was changed or is missing, and is not put back then', async () => {
    await does('archive', id, '--to', archive, '--drop');
    const [file, manifest] = [join(archive, 'violations.csv.gz'), join(archive, 'manifest.json')];
    const [rows, text] = [await readFile(file), await readFile(manifest, 'utf8')];
    await appendFile(file, 'x');
    expect(await command('archive', '--verify', archive)).toEqual({
      code: 1,
      output: expect.stringContaining('violations.csv.gz') as unknown,
    });
    await rm(file);
    expect((await command('archive', '--verify', archive)).output).toContain(`violations.csv.gz can't be read`);
    await writeFile(file, rows);
    await writeFile(
      manifest,
      text.replace(/"hash": "../, '"hash": "zz'.replace('zz', text.includes('"hash": "00') ? '11' : '00')),
    );
    expect((await command('archive', '--verify', archive)).output).toContain('another head');
    const { code, output } = await command('archive', '--restore', archive);
    expect([code, output]).toEqual([1, expect.stringContaining('The audit log knows')]);
    expect(await places()).toEqual({});
  });
});

describe('an operation that is put back', () => {
  test.each([
    ['from the parts that stood aside', []],
    ['from files alone', ['--drop']],
  ])('is told as before, to the byte, %s', async (_whence, drop) => {
    // The log says of each entry whether it is sealed.
    await until(
      async () =>
        (
          await scene.sql(
            `SELECT FROM audit_entries e WHERE operation_id = $1
               AND NOT EXISTS (SELECT FROM audit_seals s WHERE s.chain = e.operation_id AND s.entry_id = e.id)`,
            [id],
          )
        ).length === 0,
    );
    const before = await told();
    const other = await openPorts(scene);
    const parts = await partsOf(id);
    await does('archive', id, '--to', archive, ...drop);
    await does('archive', '--restore', archive);
    expect(await told()).toEqual(before);
    expect(await partsOf(id)).toEqual(parts);
    expect(parts).toEqual(await partsOf(other.operationId));
    // With it the part's rows need not be looked through while it is attached.
    expect(
      await scene.sql(
        `SELECT count(*)::int FROM pg_constraint c JOIN pg_class p ON p.oid = c.conrelid
         WHERE p.relname LIKE '%' || replace($1, '-', '') AND c.contype = 'c' AND pg_get_constraintdef(c.oid) LIKE '%' || $1 || '%'`,
        [id],
      ),
    ).toEqual([{ count: 12 }]);
    await verifyLog();
    expect(await does('recount', id)).toContain('agree');
    // It is an operation like any other again: its log goes on, and it can be archived once more.
    await scene.move(operation.hub, id, 'POST_OPERATIONAL');
    await scene.move(operation.hub, id, 'CLOSED');
    await scene.sql(`UPDATE operations SET closed_at = now() - interval '72 months' WHERE id = $1`, [id]);
    await does('archive', id, '--to', `${archive}-again`);
    await verifyLog();
  });

  test('is not archived into the folder of the time before, which lacks what was read since', async () => {
    const violations = `query ($id: UUID!) { violations(operationId: $id) { edges { node { id } } } }`;
    const read = async (): Promise<number> => {
      const rows = await scene.sql<{ count: number }>(`SELECT count(*)::int FROM readings WHERE operation_id = $1`, [
        id,
      ]);
      return rows[0]?.count ?? 0;
    };
    await does('archive', id, '--to', archive, '--drop');
    await does('archive', '--restore', archive);
    const before = await read();
    await operation.hub.do(violations, { id });
    await until(async () => (await read()) > before);
    const { code, output } = await command('archive', id, '--to', archive, '--drop');
    expect([code, output]).toEqual([1, expect.stringContaining('holds another archive')]);
    expect(await isMarked()).toBe(false);
    const since = await read();
    await does('archive', id, '--to', `${archive}-again`, '--drop');
    await verifyLog();
    expect((await command('archive', '--restore', archive)).output).toContain('The audit log knows');
    await does('archive', '--restore', `${archive}-again`);
    expect(await read()).toBe(since);
    expect(await does('audit:verify')).toContain('The audit log is whole');
  });

  test('is so with every row that its archive has, and from the one part of each table', async () => {
    await does('archive', id, '--to', archive);
    const part = `violations_${id.replaceAll('-', '')}`;
    await expect(scene.sql(`TRUNCATE archived_parts.${part}`)).rejects.toThrow('belongs to an archived operation');
    await scene.sql(`SELECT open_parts($1)`, [id]);
    expect(await places()).toEqual({ archived_parts: 12 });
    await scene.sql(`CREATE TABLE operation_parts.${part} ()`);
    expect((await command('archive', '--restore', archive)).output).toContain(
      'in operation_parts and in archived_parts',
    );
    await scene.sql(`DROP TABLE operation_parts.${part}`);
    const admin = await tamperer();
    await admin.query(`DELETE FROM archived_parts.${part} WHERE id = $1`, [operation.violationIds[0]]);
    await admin.end();
    expect((await command('archive', '--restore', archive)).output).toContain(
      'violations has 10 rows of the operation, and its archive 11',
    );
    expect(await isMarked()).toBe(true);
  });

  test('keeps no figure that was worked out while it was away', async () => {
    const trend = `query ($id: UUID!) { violationTrends(query: { operationIds: [$id], measure: VIOLATIONS, groupBy: [CRIME_AREA] }) { cells { key value } } }`;
    const before = await operation.hub.do(trend, { id });
    await does('archive', id, '--to', archive);
    await scene.sql(
      `INSERT INTO figure_questions (operation_id, question, measure, columns, filter, regions, asked_at)
       VALUES ($1, figure_question('VIOLATIONS', '{crimeArea}', '{}', '{}'), 'VIOLATIONS', '{crimeArea}', '{}', '{}', now())`,
      [id],
    );
    await scene.sql(
      `SELECT bring_figures_forward(operation_id, question) FROM figure_questions WHERE operation_id = $1`,
      [id],
    );
    await does('archive', '--restore', archive);
    expect(await operation.hub.do(trend, { id })).toEqual(before);
  });
});

test('a question about figures that is noted when the operation is archived is dropped, and others with it are not', async () => {
  const other = await openPorts(scene);
  await does('archive', id, '--to', archive);
  const asked = [id, other.operationId].map((of) => ({
    operation: of,
    measure: 'VIOLATIONS',
    columns: ['crimeArea'],
    filter: {},
    regions: {},
  }));
  await scene.sql(`BEGIN`);
  await scene.sql(`SELECT set_config('muster.part', 'kept figures', true)`);
  await scene.sql(`SELECT note_figure_questions($1)`, [JSON.stringify(asked)]);
  await scene.sql(`COMMIT`);
  const noted = await scene.sql(
    `SELECT operation_id FROM figure_questions WHERE operation_id = ANY($1) AND NOT is_usual`,
    [[id, other.operationId]],
  );
  expect(noted).toEqual([{ operation_id: other.operationId }]);
});

test('what was read just before is written with its batch, stays provable, and is there when the operation is back', async () => {
  const other = await openPorts(scene);
  const source = await new DataSource({ type: 'postgres', url: database.roles.api }).initialize();
  const clock = new Clock();
  const readings = new Readings(new Database(source), clock, new Audit(clock));
  const reader = {
    ...partOfMuster(''),
    part: null,
    userId: operation.hub.id,
    grants: [{ role: Role.HUB, operationId: null, country: null, unitId: null, participation: null }],
  };
  await does('archive', id, '--to', archive);
  const [here, there] = [v7(), v7()];
  readings.note(reader, { operationId: id, what: 'violation', recordIds: [here] });
  readings.note(reader, { operationId: other.operationId, what: 'violation', recordIds: [there] });
  await readings.flush();
  await source.destroy();
  const recorded = (record: string): Promise<unknown[]> =>
    scene.sql(`SELECT operation_id FROM readings WHERE record_ids = ARRAY[$1::uuid]`, [record]);
  expect(await recorded(there)).toEqual([{ operation_id: other.operationId }]);
  expect(await recorded(here)).toEqual([]);
  await verifyLog();
  await does('archive', '--restore', archive);
  expect(await recorded(here)).toEqual([{ operation_id: id }]);
  await verifyLog();
});

describe('while somebody reads for long', () => {
  test('nobody else waits for the archive, and it ends when that one has', async () => {
    const other = await openPorts(scene);
    const reading = await database.pool.connect();
    await reading.query('BEGIN');
    await reading.query(`SELECT count(*) FROM violations WHERE operation_id = $1`, [other.operationId]);
    const { ended } = begin('archive', id, '--to', archive);
    await until(
      async () =>
        (
          await scene.sql(
            `SELECT FROM pg_stat_activity WHERE query LIKE '%public.violations DETACH%' AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'`,
          )
        ).length,
      { limit: LONG },
    );
    let longest = 0;
    for (let time = 0; time < 10; time++) {
      // A lock against everybody that is asked for lets all who come after it wait, whether it is given or not.
      expect(
        await scene.sql(
          `SELECT relation::regclass, mode FROM pg_locks WHERE relation = ANY ('{violations,feed_events,audit_entries}'::regclass[])
             AND mode = 'AccessExclusiveLock'`,
        ),
      ).toEqual([]);
      const begun = performance.now();
      await other.kenya.do(LOG, { input: violationInput(other.operationId, other.agencies.KE) });
      await other.hub.do(`query ($id: UUID!) { violations(operationId: $id) { totalCount } }`, {
        id: other.operationId,
      });
      longest = Math.max(longest, performance.now() - begun);
    }
    expect(longest).toBeLessThan(3_000);
    await openPorts(scene);
    await reading.query('COMMIT');
    reading.release();
    expect((await ended).code).toBe(0);
    expect(await places()).toEqual({ archived_parts: 12 });
  });
});

describe('a command that is killed', () => {
  /** Lets a command come to where it waits for somebody, and kills it there. */
  async function killAt(lock: string, waits: string, ...args: readonly string[]): Promise<void> {
    const holder = await database.pool.connect();
    await holder.query('BEGIN');
    await holder.query(lock);
    const { child, ended } = begin(...args);
    try {
      await until(
        async () =>
          (await scene.sql(`SELECT FROM pg_stat_activity WHERE query LIKE $1 AND wait_event_type = 'Lock'`, [waits]))
            .length,
        { limit: LONG, what: `${waits} waits` },
      );
    } finally {
      child.kill('SIGKILL');
      await ended;
      await holder.query('ROLLBACK');
      holder.release();
    }
  }

  async function killWhileWriting(): Promise<void> {
    const lock = `LOCK TABLE sharing_ceilings IN ACCESS EXCLUSIVE MODE`;
    await killAt(lock, '%COPY%sharing_ceilings%', 'archive', id, '--to', archive);
  }

  async function endsRight(before: readonly string[], person: Person): Promise<void> {
    await does('archive', '--verify', archive);
    await verifyLog();
    await does('archive', '--restore', archive);
    expect(await listed(person)).toEqual(before);
    await verifyLog();
  }

  const listed = async (person: Person): Promise<string[]> =>
    Promise.all(
      [1, 3, 4].map(async (index) =>
        JSON.stringify(await person.ask(`query ($id: UUID!) { ${QUESTIONS[index]} }`, { id })),
      ),
    );

  test('before it has marked the operation, has done nothing', async () => {
    const before = await listed(operation.hub);
    await killAt(
      `LOCK TABLE operation_parts.violations_${id.replaceAll('-', '')} IN ROW EXCLUSIVE MODE`,
      '%CREATE OR REPLACE TRIGGER%',
      'archive',
      id,
      '--to',
      archive,
    );
    expect(await listed(operation.hub)).toEqual(before);
    await does('archive', id, '--to', archive);
    await endsRight(before, operation.hub);
  });

  test('in the midst of writing, writes the archive anew', async () => {
    const before = await listed(operation.hub);
    await killWhileWriting();
    expect(await readdir(archive)).toContain('unfinished');
    expect((await command('archive', '--verify', archive)).output).toContain('no finished archive');
    expect((await operation.hub.refused(`query ($id: UUID!) { ${QUESTIONS[1]} }`, { id })).code).toBe('PHASE');
    await verifyLog();
    await does('archive', id, '--to', archive);
    await endsRight(before, operation.hub);
  });

  test('can be taken back as long as nothing was taken out', async () => {
    const before = await listed(operation.hub);
    await killWhileWriting();
    expect(await does('archive', id, '--cancel')).toContain('is as it was');
    expect(await listed(operation.hub)).toEqual(before);
    await verifyLog();
    expect((await command('archive', id, '--cancel')).output).toContain('is not being archived');
    await scene.move(operation.hub, id, 'POST_OPERATIONAL');
    await scene.move(operation.hub, id, 'CLOSED');
    await scene.sql(`UPDATE operations SET closed_at = now() - interval '72 months' WHERE id = $1`, [id]);
    await does('archive', id, '--to', archive);
    expect((await command('archive', id, '--cancel')).output).toContain('--restore FOLDER');
    await verifyLog();
  });

  test('with all parts put back, has a log of which every entry is verified, and ends while others read', async () => {
    const before = await listed(operation.hub);
    await does('archive', id, '--to', archive);
    await killAt(
      `SELECT FROM operations WHERE id = '${id}' FOR UPDATE`,
      '%SET archived_at = NULL%',
      'archive',
      '--restore',
      archive,
    );
    const admin = await tamperer();
    const change = `UPDATE audit_entries SET at = at + $2::int * interval '1 second' WHERE operation_id = $1 AND action = 'operation.created'`;
    await admin.query(change, [id, 1]);
    expect((await command('audit:verify', id)).output).toContain('the hash is another');
    await admin.query(change, [id, -1]);
    await admin.end();
    const reading = await database.pool.connect();
    await reading.query('BEGIN');
    await reading.query(`SELECT FROM violations LIMIT 1`);
    await does('archive', '--restore', archive);
    await reading.query('COMMIT');
    reading.release();
    expect(await listed(operation.hub)).toEqual(before);
    await verifyLog();
  });

  test('with some parts taken out and one on its way, takes the others out too', async () => {
    const before = await listed(operation.hub);
    await killAt(`SELECT FROM feed_events LIMIT 1`, '%feed_events%DETACH%', 'archive', id, '--to', archive);
    await verifyLog();
    await does('archive', id, '--to', archive, '--drop');
    await endsRight(before, operation.hub);
  });

  test('with some parts put back, puts the others back too', async () => {
    const before = await listed(operation.hub);
    await does('archive', id, '--to', archive, '--drop');
    await killAt(
      `LOCK TABLE figures IN SHARE UPDATE EXCLUSIVE MODE`,
      '%figures%ATTACH%',
      'archive',
      '--restore',
      archive,
    );
    expect((await operation.hub.refused(`query ($id: UUID!) { ${QUESTIONS[1]} }`, { id })).code).toBe('PHASE');
    await verifyLog();
    await endsRight(before, operation.hub);
  });
});
