import { generateKeyPairSync, sign } from 'node:crypto';

import { v7 } from 'uuid';
import { hasRole, partOfMuster, Role } from '#platform';

import { type AuditHouse, openAuditHouse } from '../../../../tests/setup/audit-house.js';
import { PLATFORM_CHAIN } from '../chain/entry-form.js';
import { commitmentTo, headForm } from '../chain/head-form.js';

let house: AuditHouse;
let chain: string;

beforeAll(async () => {
  house = await openAuditHouse();
});
afterAll(() => house.close());

/** A chain of twenty, with a head signed over ten of them and one over all. */
beforeEach(async () => {
  chain = await house.open();
  await house.append(chain, 10);
  await house.sealer.sealAll();
  await house.signer.signDue();
  await house.append(chain, 10);
  await house.sealer.sealAll();
  await house.clock.at(new Date(Date.now() + 61_000), () => house.signer.signDue());
});

const breaches = async (of = chain): Promise<readonly unknown[]> =>
  (await house.verification.run({ chain: of, patience: 0 })).breaches;

/** The id of the entry at a place. */
async function entryAt(seq: number): Promise<string> {
  const [row] = await house.tamper(`SELECT entry_id FROM audit_seals WHERE chain = $1 AND seq = $2`, [chain, seq]);
  return String(row?.['entry_id']);
}

const at = (seq: number, entryId: string | null, fault: string): unknown => ({
  chain,
  seq,
  entryId,
  fault: expect.stringContaining(fault) as unknown,
});

test('a chain that nobody touched is whole, with its heads', async () => {
  expect(await house.verification.run({ chain })).toMatchObject({ entries: 20, heads: 2, breaches: [] });
});

const FIELDS: readonly [string, string][] = [
  ['at', `at + interval '1 microsecond'`],
  ['actor_id', `'018f0000-0000-7000-8000-00000000000a'`],
  ['part', `'worker'`],
  ['action', `'test.undone'`],
  ['subject_id', `'018f0000-0000-7000-8000-00000000000a'`],
  ['version', 'version + 1'],
  ['version', 'NULL'],
  ['details', `jsonb_set(details, '{reason}', '"Another."')`],
  ['details', `jsonb_set(details, '{index}', '5.0000000000000000000000001')`],
];
test.each(FIELDS)('an entry whose %s became %s is named', async (column, value) => {
  const id = await entryAt(6);
  await house.tamper(`UPDATE audit_entries SET ${column} = ${value} WHERE id = $1`, [id]);
  expect(await breaches()).toEqual([at(6, id, 'was changed')]);
});

test('an entry that was moved to another operation is named', async () => {
  const id = await entryAt(6);
  await house.tamper(`UPDATE audit_entries SET operation_id = $2 WHERE id = $1`, [id, await house.open()]);
  expect(await breaches()).toEqual([at(6, id, 'belongs to another chain')]);
});

test('of several changed entries the first is named', async () => {
  await house.tamper(`UPDATE audit_entries SET action = 'x' WHERE id IN ($1, $2)`, [
    await entryAt(14),
    await entryAt(3),
  ]);
  expect(await breaches()).toEqual([at(3, await entryAt(3), 'was changed')]);
});

test('an entry that was taken away is named by its place, and by the id that its seal keeps', async () => {
  const id = await entryAt(6);
  await house.tamper(`DELETE FROM audit_entries WHERE id = $1`, [id]);
  expect(await breaches()).toEqual([at(6, id, 'the entry is missing')]);
});

test('an entry that was taken away with its seal leaves a gap', async () => {
  const id = await entryAt(6);
  await house.tamper(`DELETE FROM audit_entries WHERE id = $1`, [id]);
  await house.tamper(`DELETE FROM audit_seals WHERE entry_id = $1`, [id]);
  expect(await breaches()).toEqual([at(6, null, 'the seal is missing')]);
});

test('an entry that was taken away, with all later ones moved up, is found where the first of them stands now', async () => {
  const id = await entryAt(6);
  await house.tamper(`DELETE FROM audit_entries WHERE id = $1`, [id]);
  await house.tamper(`DELETE FROM audit_seals WHERE entry_id = $1`, [id]);
  for (let seq = 7; seq <= 20; seq++)
    await house.tamper(`UPDATE audit_seals SET seq = seq - 1 WHERE chain = $1 AND seq = $2`, [chain, seq]);
  expect(await breaches()).toEqual([at(6, await entryAt(6), 'order was changed')]);
});

test('two entries that changed places are found at the first of them', async () => {
  const [one, other] = [await entryAt(6), await entryAt(9)];
  await house.tamper(`UPDATE audit_seals SET entry_id = -entry_id WHERE entry_id = $1`, [one]);
  await house.tamper(`UPDATE audit_seals SET entry_id = $1 WHERE entry_id = $2`, [one, other]);
  await house.tamper(`UPDATE audit_seals SET entry_id = $2 WHERE entry_id = -$1::bigint`, [one, other]);
  expect(await breaches()).toEqual([at(6, other, 'was changed')]);
});

test('a tail that was cut off is found by the head that was signed over it', async () => {
  await house.tamper(
    `DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_seals WHERE chain = $1 AND seq > 15)`,
    [chain],
  );
  await house.tamper(`DELETE FROM audit_seals WHERE chain = $1 AND seq > 15`, [chain]);
  expect(await breaches()).toEqual([at(16, null, 'covers 20 entries')]);
});

test('a chain that was taken away as a whole is found by its heads', async () => {
  await house.tamper(`DELETE FROM audit_entries WHERE operation_id = $1`, [chain]);
  await house.tamper(`DELETE FROM audit_seals WHERE chain = $1`, [chain]);
  expect((await house.verification.run()).breaches).toContainEqual(at(1, null, 'covers 10 entries'));
});

test('a tail that was cut off with its heads is found by a head that was kept outside', async () => {
  const heads = await house.tamper(`SELECT * FROM audit_heads WHERE chain = $1 ORDER BY seq`, [chain]);
  const kept = heads.map((head) => ({
    chain,
    signedAt: (head['signed_at'] as Date).toISOString(),
    commitment: commitmentTo(head['hash'] as Buffer, head['nonce'] as Buffer),
  }));
  expect((await house.verification.run({ chain, kept })).breaches).toEqual([]);
  await house.tamper(
    `DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_seals WHERE chain = $1 AND seq > 15)`,
    [chain],
  );
  await house.tamper(`DELETE FROM audit_seals WHERE chain = $1 AND seq > 15`, [chain]);
  await house.tamper(`DELETE FROM audit_heads WHERE chain = $1 AND seq > 15`, [chain]);
  expect(await breaches()).toEqual([]);
  expect((await house.verification.run({ chain, kept })).breaches).toEqual([
    { chain, seq: null, entryId: null, fault: `the head kept outside of ${kept[1]?.signedAt} is not in the log` },
  ]);
});

test('an entry that was put in between is found, with all later ones moved down', async () => {
  for (let seq = 20; seq > 5; seq--)
    await house.tamper(`UPDATE audit_seals SET seq = seq + 1 WHERE chain = $1 AND seq = $2`, [chain, seq]);
  const [row] = await house.tamper(
    `INSERT INTO audit_entries (operation_id, at, action) VALUES ($1, now(), 'test.forged') RETURNING id`,
    [chain],
  );
  const id = String(row?.['id']);
  await house.tamper(
    `INSERT INTO audit_seals SELECT chain, 6, $2, sealed_at, sha256('forged') FROM audit_seals WHERE chain = $1 AND seq = 5`,
    [chain, id],
  );
  expect(await breaches()).toEqual([at(6, id, 'was changed')]);
});

describe('a chain that was rewritten with right hashes', () => {
  /** Takes all seals away and lets the real sealer make them anew, over changed entries. */
  async function rewrite(): Promise<void> {
    await house.tamper(`UPDATE audit_entries SET action = 'test.rewritten' WHERE id = $1`, [await entryAt(6)]);
    await house.tamper(`DELETE FROM audit_seals WHERE chain = $1`, [chain]);
    await house.sealer.sweep();
  }

  test('is found by its signed heads', async () => {
    await rewrite();
    expect(await breaches()).toEqual([at(10, null, 'has another hash')]);
  });

  test('is found by them also where they were made to fit, as nobody else can sign', async () => {
    await rewrite();
    await house.tamper(
      `UPDATE audit_heads h SET hash = s.hash FROM audit_seals s WHERE h.chain = $1 AND s.chain = h.chain AND s.seq = h.seq`,
      [chain],
    );
    expect(await breaches()).toEqual([at(10, null, 'has no right signature')]);
  });
});

test('a head that was signed with a key of somebody else is found', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const [head] = await house.tamper(`SELECT * FROM audit_heads WHERE chain = $1 AND seq = 20`, [chain]);
  const statement = {
    chain,
    commitment: commitmentTo(head?.['hash'] as Buffer, head?.['nonce'] as Buffer),
    signedAt: head?.['signed_at'] as Date,
  };
  const forged = sign(null, headForm(statement), privateKey);
  await house.tamper(`UPDATE audit_heads SET signature = $2 WHERE chain = $1 AND seq = 20`, [chain, forged]);
  expect(await breaches()).toEqual([at(20, null, 'has no right signature')]);
});

test('an entry that is a minute old and was never sealed is named', async () => {
  const [row] = await house.tamper(
    `INSERT INTO audit_entries (operation_id, at, action) VALUES ($1, now() - interval '2 minutes', 'test.forged') RETURNING id`,
    [chain],
  );
  expect(await breaches()).toEqual([
    { chain, seq: null, entryId: String(row?.['id']), fault: 'the entry is not sealed' },
  ]);
});

describe('readings', () => {
  let operationId: string;
  beforeAll(async () => {
    operationId = await house.open();
  });
  const reader = {
    ...partOfMuster('test'),
    part: null,
    userId: v7(),
    grants: [{ role: Role.HUB, operationId: null, country: null, unitId: null, participation: null }],
  };

  /** Lets somebody read two records, and gives the batch that it was recorded with. */
  async function read(): Promise<{ batch: string; breached: unknown }> {
    expect(hasRole(reader, Role.HUB)).toBe(true);
    house.readings.note(reader, { operationId, what: 'violation', recordIds: [v7()] });
    house.readings.note(reader, {
      operationId,
      what: 'violations',
      recordIds: [v7(), v7()],
      filter: { search: 'Łódź' },
    });
    await house.readings.flush();
    await house.sealer.sealAll();
    const [row] = await house.tamper(
      `SELECT e.subject_id AS batch, s.seq::int AS seq, e.id FROM audit_entries e JOIN audit_seals s ON s.entry_id = e.id
       WHERE e.action = 'readings.recorded' ORDER BY e.id DESC LIMIT 1`,
    );
    expect(await breaches(PLATFORM_CHAIN)).toEqual([]);
    const fault = `the readings of batch ${String(row?.['batch'])} were changed`;
    return {
      batch: String(row?.['batch']),
      breached: { chain: PLATFORM_CHAIN, seq: row?.['seq'], entryId: row?.['id'], fault },
    };
  }

  test.each([
    ['changed', `UPDATE readings SET record_ids = '{}' WHERE batch = $1 AND ordinal = 2`, `'{}'`],
    ['taken away', `DELETE FROM readings WHERE batch = $1 AND ordinal = 1`, ''],
  ])('that were %s are found by the entry that has their hash', async (_, sql) => {
    const { batch, breached } = await read();
    const before = await house.tamper(`SELECT * FROM readings WHERE batch = $1`, [batch]);
    await house.tamper(sql, [batch]);
    expect(await breaches(PLATFORM_CHAIN)).toEqual([breached]);
    await house.tamper(`DELETE FROM readings WHERE batch = $1`, [batch]);
    await house.tamper(`INSERT INTO readings SELECT * FROM jsonb_populate_recordset(NULL::readings, $1::jsonb)`, [
      JSON.stringify(before),
    ]);
    expect(await breaches(PLATFORM_CHAIN)).toEqual([]);
  });

  test('that no entry knows of are found', async () => {
    const batch = v7();
    await house.tamper(
      `INSERT INTO readings SELECT $1, 1, now(), $2, 'violation', '{}', false, '{}', false, '{}', NULL`,
      [batch, operationId],
    );
    expect(await breaches(PLATFORM_CHAIN)).toEqual([
      { chain: PLATFORM_CHAIN, seq: null, entryId: null, fault: `the readings of batch ${batch} have no entry` },
    ]);
    await house.tamper(`DELETE FROM readings WHERE batch = $1`, [batch]);
  });
});

test('a chain of 100,000 is sealed and verified, and one changed entry of it is named', async () => {
  await house.tamper(
    `INSERT INTO audit_entries (operation_id, at, actor_id, action, subject_id, version, details)
     SELECT $1, now(), gen_random_uuid(), 'violation.logged', gen_random_uuid(), 1, jsonb_build_object('reason', NULL, 'changes', '{}'::jsonb)
     FROM generate_series(1, 99980)`,
    [chain],
  );
  await house.sealer.sealAll();
  expect(await house.verification.run({ chain })).toMatchObject({ entries: 100_000, breaches: [] });
  const id = await entryAt(71_234);
  await house.tamper(`UPDATE audit_entries SET version = 2 WHERE id = $1`, [id]);
  expect(await breaches()).toEqual([at(71_234, id, 'was changed')]);
  // More than is looked at together: a whole stretch is empty.
  await house.tamper(`DELETE FROM audit_seals WHERE chain = $1 AND seq BETWEEN 51000 AND 69000`, [chain]);
  expect(await breaches()).toEqual([at(51_000, null, 'the seal is missing')]);
}, 60_000);
