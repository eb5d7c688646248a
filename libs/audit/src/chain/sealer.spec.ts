import { partOfMuster } from '#platform';

import { type AuditHouse, openAuditHouse } from '../../../../tests/setup/audit-house.js';
import { until } from '../../../../tests/setup/until.js';

let house: AuditHouse;
let operationId: string;

beforeAll(async () => {
  house = await openAuditHouse();
});
afterAll(() => house.close());

beforeEach(async () => {
  operationId = await house.open();
});

/** How many of an operation's entries are there, and how many of them have a place in its chain. */
async function sealed(): Promise<{ entries: number; seals: number; last: number }> {
  const [row] = await house.tamper(
    `SELECT (SELECT count(*)::int FROM audit_entries WHERE operation_id = $1) AS entries, count(*)::int AS seals,
       COALESCE(max(seq), 0)::int AS last FROM audit_seals WHERE chain = $1`,
    [operationId],
  );
  return row as { entries: number; seals: number; last: number };
}

const isWhole = async (): Promise<void> => {
  const { breaches } = await house.verification.run({ chain: operationId });
  expect(breaches).toEqual([]);
};

test('each entry gets the next place of its own chain', async () => {
  const other = await house.open();
  await house.append(operationId, 3);
  await house.append(other, 2);
  await house.append(null, 1);
  await house.sealer.sealAll();
  await house.append(operationId, 2);
  await house.sealer.sealAll();
  expect(await sealed()).toEqual({ entries: 5, seals: 5, last: 5 });
  const { entries, breaches } = await house.verification.run();
  expect(breaches).toEqual([]);
  expect(entries).toBeGreaterThanOrEqual(8);
});

test('an entry that is committed after later ones were sealed is sealed too, and holds none of them up', async () => {
  let go = (): void => undefined;
  const gate = new Promise<void>((resolve) => (go = resolve));
  let isWritten = false;
  const slow = house.database.write(partOfMuster('test'), async (tx) => {
    await house.audit.append(tx, partOfMuster('test'), { operationId, action: 'test.slow', subjectId: null });
    await tx.query('SELECT 1'); // the entry has its id by now
    isWritten = true;
    await gate;
  });
  await until(() => isWritten);
  await house.append(operationId, 4);
  expect(await house.sealer.sealAll()).toBe(4);
  await house.append(operationId, 1);
  expect(await house.sealer.sealAll()).toBe(1);
  go();
  await slow;
  expect(await house.sealer.sealAll()).toBe(1);
  expect(await sealed()).toEqual({ entries: 6, seals: 6, last: 6 });
  await isWhole();
});

test('what was rolled back is never sealed', async () => {
  const broken = house.database.write(partOfMuster('test'), async (tx) => {
    await house.audit.append(tx, partOfMuster('test'), { operationId, action: 'test.broken', subjectId: null });
    throw new Error('It broke.');
  });
  await expect(broken).rejects.toThrow('It broke.');
  await house.append(operationId, 1);
  await house.sealer.sealAll();
  expect(await sealed()).toEqual({ entries: 1, seals: 1, last: 1 });
});

test('of several sealers at work while others write, each entry gets one place, and none is left', async () => {
  const sealers = [house.sealer, house.anotherSealer(), house.anotherSealer()];
  let isWriting = true;
  const sealing = sealers.map(async (sealer) => {
    while (isWriting) await sealer.sealAll();
  });
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let round = 0; round < 25; round++) await house.append(operationId, 1 + (round % 3));
    }),
  );
  isWriting = false;
  await Promise.all(sealing);
  await house.sealer.sealAll();
  const { entries, seals, last } = await sealed();
  expect([seals, last]).toEqual([entries, entries]);
  await isWhole();
});

test('more entries than one batch holds are sealed in the same go', async () => {
  await house.append(operationId, 11_000);
  expect(await house.sealer.sealAll()).toBe(11_000);
  expect(await sealed()).toEqual({ entries: 11_000, seals: 11_000, last: 11_000 });
});

test('a round that another worker began and never ended is gone on with', async () => {
  await house.append(operationId, 6_000);
  // As a worker leaves it that dies after its first batch.
  await house.tamper(`UPDATE audit_sealer SET upto = pg_current_snapshot(), after_xid = '0', after_id = 0`);
  await house.append(operationId, 2);
  await house.sealer.sealAll();
  expect(await sealed()).toEqual({ entries: 6_002, seals: 6_002, last: 6_002 });
});

test('after a restore into a cluster that counts transactions anew, entries are sealed as before', async () => {
  await house.append(operationId, 2);
  await house.sealer.sealAll();
  await house.append(operationId, 3);
  // As the old cluster left them: all of its transactions lie in the future of the new one.
  await house.tamper(`UPDATE audit_entries SET written_in = '900000000000'`);
  await house.tamper(`UPDATE audit_sealer SET seen = '900000000001:900000000001:'`);
  await house.append(operationId, 4);
  await house.sealer.sealAll();
  expect(await sealed()).toEqual({ entries: 9, seals: 6, last: 6 });
  // The three that were not sealed when it was dumped are found by the look that each worker begins with.
  expect(await house.sealer.sweep()).toBe(3);
  await house.append(operationId, 1);
  await house.sealer.sealAll();
  expect(await sealed()).toEqual({ entries: 10, seals: 10, last: 10 });
  await isWhole();
});
