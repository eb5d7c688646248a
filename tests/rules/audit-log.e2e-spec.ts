import { execFile } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { io } from 'socket.io-client';
import { v7 } from 'uuid';

import { exportOf, fileOf } from '../setup/exports.js';
import { type Muster, startMuster, testDatabase, type TestDatabase, until } from '../setup/index.js';
import { DECIDE, openPorts, type Ports, reported } from '../setup/ports.js';
import { ROOT } from '../setup/program.js';
import { containerNumber, LOG, type Person, Scene, violationInput } from '../setup/scene.js';

interface Entry {
  readonly id: string;
  readonly action: string;
  readonly actor: { readonly id: string; readonly name: string } | null;
  readonly part: string | null;
  readonly country: string | null;
  readonly subjectId: string | null;
  readonly version: number | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly sealed: boolean;
}

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: Entry }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly endCursor: string | null;
  };
}

interface Head {
  readonly chain: string;
  readonly signedAt: string;
  readonly commitment: string;
  readonly signature: string;
  readonly publicKey: string;
}

interface Reader {
  readonly kind: string;
  readonly country: string | null;
  readonly person: { readonly id: string; readonly name: string } | null;
  readonly times: number;
}

const LOGGED = `query ($operationId: UUID, $subjectId: UUID, $first: Int! = 200, $after: String) {
  auditLog(operationId: $operationId, subjectId: $subjectId, first: $first, after: $after) {
    edges { cursor node { id at action actor { id name } part country subjectId version details sealed } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
const HEADS = `query ($operationId: UUID) {
  auditHeads(operationId: $operationId) { chain signedAt commitment signature publicKey } }`;
const READERS = `query ($id: UUID!) { readersOf(recordId: $id) { kind country person { id name } firstAt lastAt times } }`;
const SHARE = `mutation ($id: UUID!, $version: Int!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: "As the test needs it.", sharing: $sharing) { id version } }`;
const READ = `query ($id: UUID!) { violation(id: $id) { id } }`;

let database: TestDatabase;
let muster: Muster;
let scene: Scene;
let ports: Ports;
let administrator: Person;
let analyst: Person;

beforeAll(async () => {
  database = await testDatabase();
  muster = await startMuster({ databaseUrl: database.url });
  scene = await Scene.open(muster);
  ports = await openPorts(scene);
  administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
  analyst = await scene.person(null, { role: 'ANALYST' });
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
  await database.drop();
});

const log = (change: Readonly<Record<string, unknown>> = {}): Promise<{ id: string }> =>
  ports.kenya.do<{ id: string }>(LOG, { input: violationInput(ports.operationId, ports.agencies.KE, change) });

async function entriesFor(person: Person, subjectId?: string): Promise<Entry[]> {
  const { edges } = await person.do<Page>(LOGGED, { operationId: ports.operationId, subjectId });
  return edges.map(({ node }) => node);
}

const actions = (entries: readonly Entry[]): string[] => entries.map(({ action }) => action);

describe('the log of an operation', () => {
  test('tells coordinators what was done to the records of their country, by whom of their people and why', async () => {
    const { id } = await log({ sharing: { level: 'AMBER', addCountries: ['TZ'] } });
    await ports.kenya.do(SHARE, { id, version: 1, sharing: { level: 'GREEN' } });
    const told = await entriesFor(ports.kenya, id);
    expect(told).toMatchObject([
      { action: 'violation.sharing-changed', version: 2, country: 'KE', subjectId: id, part: null },
      { action: 'violation.logged', version: 1, country: 'KE', subjectId: id, part: null },
    ]);
    for (const { actor } of told) expect(actor?.id).toBe(ports.kenya.id);
    expect(told[0]?.details).toMatchObject({ fields: ['sharing'] });
    // A country that sees the record is told nothing of what was done to it.
    expect((await ports.tanzania.do<{ id: string }>(READ, { id })).id).toBe(id);
    expect(await entriesFor(ports.tanzania, id)).toEqual([]);
  });

  test('tells the hub what was done, and no country what the hub is told: who of a country, and why', async () => {
    const { id } = await log();
    const [entry] = await entriesFor(ports.hub, id);
    expect(entry).toMatchObject({ action: 'violation.logged', actor: null, details: null, country: 'KE' });
    const seizure = await reported(ports.officer, ports.operationId, ports.mombasa, marked());
    await ports.hub.do(DECIDE, { id: seizure.id, version: seizure.version, accept: true, reason: 'It is painted so.' });
    const decided = (await entriesFor(ports.hub, seizure.id)).find(({ action }) => action === 'seizure.decided');
    expect(decided).toMatchObject({ action: 'seizure.decided', actor: { id: ports.hub.id }, details: null });
    const byKenya = await entriesFor(ports.kenya, seizure.id);
    expect(byKenya.map(({ action, actor, part }) => [action, actor?.id ?? null, part]).sort()).toEqual([
      ['seizure.accepted', null, null],
      ['seizure.decided', null, null],
      ['seizure.needs-review', null, 'worker'],
      ['seizure.received', ports.officer.id, null],
    ]);
    expect(byKenya.find(({ action }) => action === 'seizure.decided')?.details).toMatchObject({});
  });

  test('tells the hub of the operation itself, and each country of what its own people did there', async () => {
    const moved = (await entriesFor(ports.hub)).find(({ action }) => action === 'operation.phase-moved');
    expect(moved).toMatchObject({ actor: { id: ports.hub.id }, details: { to: 'OPERATIONAL' } });
    const kenya = await entriesFor(ports.kenya);
    expect(actions(kenya)).toContain('participation.answered');
    expect(actions(kenya)).not.toContain('operation.phase-moved');
    expect(new Set(kenya.map(({ country }) => country))).toEqual(new Set(['KE']));
    expect(new Set((await entriesFor(ports.tanzania)).map(({ country }) => country))).toEqual(new Set(['TZ']));
  });

  test('shows nothing of a record after it was narrowed, to those who no longer see it: not what was written before either', async () => {
    const { id } = await log();
    expect(actions(await entriesFor(ports.hub, id))).toEqual(['violation.logged']);
    const before = await entriesFor(ports.hub);
    await ports.kenya.do(SHARE, { id, version: 1, sharing: { level: 'RED' } });
    expect(await entriesFor(ports.hub, id)).toEqual([]);
    expect(await entriesFor(ports.hub, v7())).toEqual([]);
    const after = await entriesFor(ports.hub);
    expect(after.map((entry) => entry.id)).toEqual(
      before.filter(({ subjectId }) => subjectId !== id).map((entry) => entry.id),
    );
    expect(actions(await entriesFor(ports.kenya, id))).toEqual(['violation.sharing-changed', 'violation.logged']);
  });

  test("takes an export whose id is another country's record's for an export alone: told to the coordinators of who made it", async () => {
    const { id } = await log({ sharing: { level: 'AMBER_STRICT' } });
    await fileOf(muster.url, await exportOf(ports.tanzania, ports.operationId, { id }));
    expect(actions(await entriesFor(ports.tanzania, id))).toEqual(['export.downloaded', 'export.begun']);
    for (const entry of await entriesFor(ports.tanzania, id))
      expect(entry).toMatchObject({ country: null, actor: { id: ports.tanzania.id } });
    for (const person of [ports.kenya, ports.hub])
      expect(actions(await entriesFor(person, id))).toEqual(['violation.logged']);
  });

  test('shows the hub nothing of a report that was RED from its first instant', async () => {
    const seizure = await reported(ports.officer, ports.operationId, ports.mombasa, { sharing: { level: 'RED' } });
    expect(await entriesFor(ports.hub, seizure.id)).toEqual([]);
    expect(actions(await entriesFor(ports.kenya, seizure.id)).sort()).toEqual(['seizure.accepted', 'seizure.received']);
  });

  test('comes in pages that meet, with cursors and ids that tell nothing', async () => {
    for (let index = 0; index < 3; index++) await log();
    const all = await entriesFor(ports.kenya);
    const read: string[] = [];
    let after: string | null = null;
    do {
      const page: Page = await ports.kenya.do<Page>(LOGGED, { operationId: ports.operationId, first: 4, after });
      read.push(...page.edges.map(({ node }) => node.id));
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(read).toEqual(all.map(({ id }) => id));
    for (const id of read) expect(Buffer.from(id, 'base64url')).toHaveLength(16);
    const wrong = { operationId: ports.operationId, first: 201, after: 'AAAA' };
    expect((await ports.kenya.refused(LOGGED, wrong)).fields?.map(({ path }) => path)).toEqual(['first', 'after']);
  });

  test('is for the hub and coordinators alone, and not there for whoever has no part in the operation', async () => {
    const about = { operationId: ports.operationId };
    for (const person of [ports.officer, analyst]) {
      expect((await person.refused(LOGGED, about)).code).toBe('FORBIDDEN');
      expect((await person.refused(HEADS, about)).code).toBe('FORBIDDEN');
    }
    const outsider = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'MZ' });
    for (const person of [outsider, administrator]) {
      expect((await person.refused(LOGGED, about)).code).toBe('NOT_FOUND');
      expect((await person.refused(HEADS, about)).code).toBe('NOT_FOUND');
      expect((await person.refused(LOGGED, { operationId: v7() })).code).toBe('NOT_FOUND');
    }
  });

  test('shows an entry as unsealed until it is sealed, which is within five seconds of its commit', async () => {
    // As long as another sealer is at it.
    await scene.sql(`BEGIN`);
    await scene.sql(`SELECT FROM audit_sealer FOR UPDATE`);
    const { id } = await log();
    expect(await entriesFor(ports.hub, id)).toMatchObject([{ sealed: false }]);
    await scene.sql(`COMMIT`);
    const began = Date.now();
    await until(async () => (await entriesFor(ports.hub, id))[0]?.sealed);
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});

test('the log of the platform is for administrators, and has no entry of any record', async () => {
  const { edges } = await administrator.do<Page>(LOGGED);
  const told = edges.map(({ node }) => node);
  expect(told.length).toBeGreaterThan(5);
  expect(told.filter(({ action }) => /^(violation|seizure|operation|participation)[.]/.test(action))).toEqual([]);
  expect(told.find(({ action }) => action === 'session.began')?.actor).toBeTruthy();
  for (const person of [ports.hub, ports.kenya]) {
    expect((await person.refused(LOGGED)).code).toBe('FORBIDDEN');
    expect((await person.refused(HEADS)).code).toBe('FORBIDDEN');
  }
});

describe('signed heads', () => {
  /** Checks a head as anybody outside may, with nothing of Muster's. */
  const isSigned = ({ chain, commitment, signedAt, signature, publicKey }: Head): boolean =>
    verify(
      null,
      Buffer.from(JSON.stringify({ chain, commitment, form: 'muster.audit.head.1', signedAt })),
      createPublicKey(publicKey),
      Buffer.from(signature, 'base64'),
    );

  test('are told to the hub and to countries as something to keep, which says nothing of what it covers', async () => {
    const about = { operationId: ports.operationId };
    const heads = await until(async () => {
      const told = await ports.hub.do<Head[]>(HEADS, about);
      return told.length > 0 ? told : undefined;
    });
    expect(await ports.kenya.do<Head[]>(HEADS, about)).toEqual(heads);
    for (const head of heads) {
      expect(isSigned(head)).toBe(true);
      expect(
        isSigned({ ...head, commitment: head.commitment.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }),
      ).toBe(false);
    }
    // Whoever has the database can prove what they cover.
    const proofs = await scene.sql<{ hash: Buffer; nonce: Buffer }>(
      `SELECT h.hash, h.nonce FROM audit_heads h JOIN audit_seals s ON s.chain = h.chain AND s.seq = h.seq AND s.hash = h.hash
       WHERE h.chain = $1 AND h.is_hourly ORDER BY h.signed_at DESC`,
      [ports.operationId],
    );
    expect(proofs.map(({ hash, nonce }) => createHash('sha256').update(hash).update(nonce).digest('hex'))).toEqual(
      heads.map(({ commitment }) => commitment),
    );
    expect((await administrator.do<Head[]>(HEADS)).every((head) => isSigned(head))).toBe(true);
  });
});

describe('readers of a record', () => {
  const readersOf = async (id: string, least: number): Promise<Reader[]> =>
    until(async () => {
      const readers = await ports.kenya.do<Reader[]>(READERS, { id });
      return readers.reduce((sum, { times }) => sum + times, 0) >= least ? readers : undefined;
    });
  const told = (readers: readonly Reader[]): unknown[] =>
    readers.map(({ kind, country, person, times }) => [kind, country, person?.id ?? null, times]).sort();

  test('are told to its owner: which of its own people, and which countries and that the hub, by id, list, feed and socket', async () => {
    const { id } = await log({ sharing: { level: 'AMBER', addCountries: ['TZ'] } });
    await ports.hub.do(READ, { id });
    await ports.hub.do(READ, { id });
    const LIST = `query ($id: UUID!) { violations(operationId: $id, first: 1) { edges { node { id } } } }`;
    await ports.tanzania.do(LIST, { id: ports.operationId });
    await ports.neighbour.do(READ, { id });
    await ports.officer.do(`query ($id: UUID!) { violation(id: $id) { id versions { version } } }`, { id });
    await analyst.do(
      `query ($id: UUID!) { operationFeed(operationId: $id, first: 500) { events { subjectId payload } } }`,
      { id: ports.operationId },
    );
    expect(told(await readersOf(id, 7))).toEqual([
      ['COUNTRY', 'TZ', null, 2],
      ['HUB', null, null, 3],
      ['OWN_COUNTRY', 'KE', ports.officer.id, 2],
    ]);
  });

  test('are those too who were told it live, in the past of the log or as it happened', async () => {
    const { id: past } = await log({ sharing: { level: 'AMBER_STRICT' } });
    const socket = io(`${muster.url}/live`, { auth: { token: ports.hub.token }, transports: ['websocket'] });
    try {
      const seen: string[] = [];
      socket.on('event', ({ subjectId }: { subjectId: string }) => seen.push(subjectId));
      await until(() => socket.connected);
      await socket.emitWithAck('follow', { operationId: ports.operationId });
      await until(() => seen.includes(past));
      const { id: now } = await log({ sharing: { level: 'AMBER_STRICT' } });
      await until(() => seen.includes(now));
      for (const id of [past, now]) expect(told(await readersOf(id, 1))).toEqual([['HUB', null, null, 1]]);
    } finally {
      socket.close();
    }
  });

  test('are known after it was narrowed: what was seen stays seen', async () => {
    const { id } = await log();
    await ports.hub.do(READ, { id });
    await ports.kenya.do(SHARE, { id, version: 1, sharing: { level: 'RED' } });
    expect((await ports.hub.refused(READ, { id })).code).toBe('NOT_FOUND');
    expect(told(await readersOf(id, 1))).toEqual([['HUB', null, null, 1]]);
  });

  test('are nobody else to know: not those who see the record, and an unknown one reads the same', async () => {
    const { id } = await log({ sharing: { level: 'GREEN' } });
    const refusals = await Promise.all([
      ports.tanzania.refused(READERS, { id }),
      ports.tanzania.refused(READERS, { id: v7() }),
      ports.kenya.refused(READERS, { id: v7() }),
    ]);
    for (const refusal of refusals) expect(refusal).toEqual({ message: 'Not found.', code: 'NOT_FOUND' });
    for (const person of [ports.hub, ports.officer, administrator])
      expect((await person.refused(READERS, { id })).code).toBe('FORBIDDEN');
  });
});

describe('audit:verify', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-audit-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const command = (...args: readonly string[]): Promise<{ code: number; output: string }> => {
    const env = { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn', DATABASE_URL: muster.databaseUrl };
    return new Promise((resolve) => {
      const program = join(ROOT, 'dist/apps/console/main.js');
      execFile(process.execPath, [program, 'audit:verify', ...args], { env }, (error, out, faults) =>
        resolve({ code: error ? Number(error.code) : 0, output: out + faults }),
      );
    });
  };

  test('finds the log of a Muster at work whole, with the heads that a country kept, and says with which key they are signed', async () => {
    const heads = await ports.kenya.do<Head[]>(HEADS, { operationId: ports.operationId });
    const file = join(folder, 'heads.json');
    await writeFile(file, JSON.stringify(heads));
    const { code, output } = await command('--heads', file);
    expect(output).toMatch(/The audit log is whole: \d+ chains, \d+ sealed entries, \d+ signed heads/);
    expect(output).toContain(heads[0]?.publicKey.trim());
    expect(code).toBe(0);
    await writeFile(file, JSON.stringify([{ ...heads[0], commitment: 'ab'.repeat(32) }]));
    expect(await command(ports.operationId, '--heads', file)).toMatchObject({
      code: 1,
      output: expect.stringContaining(`chain ${ports.operationId}, place `) as unknown,
    });
  });

  test('names the first broken entry, and ends with 1', async () => {
    const { id } = await log();
    const [row] = await until(async () => {
      const rows = await scene.sql<{ seq: string; entry_id: string }>(
        `SELECT seq, entry_id FROM audit_seals JOIN audit_entries a ON a.id = entry_id WHERE a.subject_id = $1`,
        [id],
      );
      return rows.length > 0 ? rows : undefined;
    });
    await tamper(`UPDATE audit_entries SET version = 9 WHERE id = ${row?.entry_id}`);
    const { code, output } = await command(ports.operationId);
    expect(output).toContain(
      `chain ${ports.operationId}, place ${row?.seq}, entry ${row?.entry_id}: the hash is another`,
    );
    expect(code).toBe(1);
    await tamper(`UPDATE audit_entries SET version = 1 WHERE id = ${row?.entry_id}`);
    expect(await command(ports.operationId)).toMatchObject({ code: 0 });
  });

  test.each([['not-an-id'], ['--heads'], ['018f0000-0000-7000-8000-000000000001', 'and-more']])(
    'says how it is called when it was called with %p',
    async (...args) => {
      expect(await command(...args)).toEqual({
        code: 2,
        output: 'Call it so: audit:verify [OPERATION_ID] [--heads FILE.json]\n',
      });
    },
  );

  /** As a superuser, whom no trigger stops. */
  async function tamper(sql: string): Promise<void> {
    const { default: pg } = await import('pg');
    const url = (process.env.MUSTER_TEST_ADMIN_URL ?? '').replace(/[^/]*$/, database.name);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`SET session_replication_role = replica; ${sql}`);
    await client.end();
  }
});

test.each(['audit_seals', 'audit_heads', 'audit_keys', 'readings'])(
  '%s can be added to and not be changed',
  async (table) => {
    for (const change of [
      `UPDATE ${table} SET ${await anyColumn(table)} = DEFAULT`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
    ])
      await expect(scene.sql(change)).rejects.toThrow(`${table} is append-only`);
  },
);

async function anyColumn(table: string): Promise<string> {
  const [row] = await scene.sql<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1 LIMIT 1`,
    [table],
  );
  return row?.name ?? '';
}

function marked(): Readonly<Record<string, unknown>> {
  const right = containerNumber();
  const wrong = `${right.slice(0, -1)}${(Number(right.at(-1)) + 1) % 10}`;
  return { cargoUnit: { container: wrong, asMarked: true } };
}
