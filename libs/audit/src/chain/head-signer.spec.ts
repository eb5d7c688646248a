import { generateKeyPairSync } from 'node:crypto';

import { Clock, readConfig } from '#platform';

import { type AuditHouse, openAuditHouse } from '../../../../tests/setup/audit-house.js';
import { until } from '../../../../tests/setup/index.js';
import { HeadSigner } from './head-signer.js';
import { keyId, SigningKey } from './signing-key.js';

let house: AuditHouse;
let chain: string;

beforeAll(async () => {
  house = await openAuditHouse();
});
afterAll(() => house.close());

beforeEach(async () => {
  chain = await house.open();
  await grow();
});

async function grow(): Promise<void> {
  await house.append(chain, 2);
  await house.sealer.sealAll();
}

const signAt = (time: string): Promise<number> =>
  house.clock.at(new Date(`2026-05-04T${time}Z`), () => house.signer.signDue());

async function heads(): Promise<unknown[]> {
  const rows = await house.tamper(
    `SELECT to_char(signed_at AT TIME ZONE 'UTC', 'HH24:MI:SS') AS at, seq::int, is_hourly FROM audit_heads WHERE chain = $1 ORDER BY signed_at`,
    [chain],
  );
  return rows.map(({ at, seq, is_hourly: isHourly }) => [at, seq, isHourly]);
}

test('a chain is signed when it begins, a minute later if it has grown, and in each hour whether or not it has', async () => {
  await signAt('10:20:00');
  await signAt('10:20:01');
  await grow();
  await signAt('10:20:59');
  await signAt('10:21:00');
  await signAt('10:22:30');
  await signAt('11:00:01');
  await signAt('11:59:59');
  await grow();
  await signAt('12:00:00');
  expect(await heads()).toEqual([
    ['10:20:00', 2, true],
    ['10:21:00', 4, false],
    ['11:00:01', 4, true],
    ['12:00:00', 6, true],
  ]);
  expect((await house.verification.run({ chain })).breaches).toEqual([]);
});

test('the hours of a chain that grows are those of one that rests', async () => {
  const resting = chain;
  chain = await house.open();
  for (const time of ['20:00:00', '20:30:00', '21:10:00', '21:40:00', '22:00:05']) {
    await grow();
    await signAt(time);
  }
  const hours = await house.tamper(
    `SELECT chain, array_agg(signed_at::text ORDER BY signed_at) AS hours FROM audit_heads
     WHERE chain IN ($1, $2) AND is_hourly GROUP BY chain`,
    [resting, chain],
  );
  expect(hours).toHaveLength(2);
  expect(hours[0]?.['hours']).toEqual(hours[1]?.['hours']);
});

test('of two signers whose clocks are apart, one that comes while the other is at it signs nothing again', async () => {
  const clock = (time: string): Clock => Object.assign(new Clock(), { now: () => new Date(`2026-05-04T${time}Z`) });
  const signers = ['13:00:00.000', '13:00:00.400'].map((time) => {
    const own = clock(time);
    return new HeadSigner(house.database, own, new SigningKey(readConfig({ DATABASE_URL: 'postgres://unused/' }), own));
  });
  // Both have looked, or have given up, before either of them can write.
  const gate = house.source.createQueryRunner();
  await gate.startTransaction();
  await gate.query(`LOCK TABLE audit_heads IN SHARE ROW EXCLUSIVE MODE`);
  let done = 0;
  const signing = signers.map((signer) => signer.signDue().finally(() => done++));
  await until(async () => {
    const [row] = await house.tamper(
      `SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted AND relation = 'audit_heads'::regclass`,
    );
    return Number(row?.['waiting']) + done === 2;
  });
  await gate.commitTransaction();
  await gate.release();
  await Promise.all(signing);
  expect((await heads()).length).toBe(1);
});

test('several signers at one instant make one key and sign each head once', async () => {
  const other = await openAuditHouse();
  try {
    chain = await other.open();
    await other.append(chain, 1);
    await other.sealer.sealAll();
    const at = new Date('2026-05-04T10:20:00Z');
    const config = readConfig({ DATABASE_URL: 'postgres://nowhere/' });
    const signers = Array.from(
      { length: 6 },
      () => new HeadSigner(other.database, other.clock, new SigningKey(config, other.clock)),
    );
    await other.clock.at(at, () => Promise.all(signers.map((signer) => signer.signDue())));
    expect(await other.tamper(`SELECT count(*)::int AS count FROM audit_keys`)).toEqual([{ count: 1 }]);
    expect(await other.tamper(`SELECT count(*)::int AS count FROM audit_heads WHERE chain = $1`, [chain])).toEqual([
      { count: 1 },
    ]);
    expect((await other.verification.run()).breaches).toEqual([]);
  } finally {
    await other.close();
  }
});

test('the key of the settings signs where there is one, and heads signed with the one before stay good', async () => {
  await signAt('15:00:00');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const config = readConfig({ DATABASE_URL: 'postgres://nowhere/', AUDIT_SIGNING_KEY: pem });
  const signer = new HeadSigner(house.database, house.clock, new SigningKey(config, house.clock));
  await house.clock.at(new Date('2026-05-04T16:00:00Z'), () => signer.signDue());
  const [last] = await house.tamper(`SELECT key_id FROM audit_heads WHERE chain = $1 ORDER BY signed_at DESC LIMIT 1`, [
    chain,
  ]);
  expect(last).toEqual({ key_id: keyId(publicKey) });
  const { heads: verified, breaches, keys } = await house.verification.run({ chain });
  expect([verified, breaches]).toEqual([2, []]);
  expect(keys).toContain(publicKey.export({ format: 'pem', type: 'spki' }).toString());
});

test('a head can be signed with the key of the log, or as long as a worker that has it is seen at work', async () => {
  await house.append(null, 1);
  await house.sealer.sealAll();
  await house.clock.at(new Date('2026-05-05T10:20:00Z'), () => house.signer.signDue());
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const config = readConfig({ DATABASE_URL: 'postgres://nowhere/', AUDIT_SIGNING_KEY: pem });
  const another = new HeadSigner(house.database, house.clock, new SigningKey(config, house.clock));
  const able = (signer: HeadSigner, time: string): Promise<boolean> =>
    house.clock.at(new Date(`2026-05-05T${time}Z`), () => signer.canSign());
  expect(await able(another, '11:20:00')).toBe(true);
  expect(await able(another, '11:30:00')).toBe(false);
  expect(await able(house.signer, '11:30:00')).toBe(true);
});

test('a setting that is no such key is named, and not told', () => {
  const { privateKey } = generateKeyPairSync('x25519');
  for (const wrong of ['a secret', privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()]) {
    const read = (): unknown => readConfig({ DATABASE_URL: 'postgres://nowhere/', AUDIT_SIGNING_KEY: wrong });
    expect(read).toThrow('AUDIT_SIGNING_KEY must be an Ed25519 private key');
    expect(read).not.toThrow(wrong);
  }
});
