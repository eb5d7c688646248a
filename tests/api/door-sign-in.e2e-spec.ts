import { randomUUID } from 'node:crypto';

import {
  describeOnRedis,
  type GraphqlError,
  type Muster,
  startMuster,
  startRedis,
  type TestRedis,
} from '../setup/index.js';
import { openPorts } from '../setup/ports.js';
import { REPORT, Scene, seizureInput } from '../setup/scene.js';

const FAILURES_PER_ACCOUNT = 10;
const FAILURES_PER_ADDRESS = 200;
const QUARTER_OF_AN_HOUR = 900;
/** Reports that a large operation takes in within a second. */
const REPORTS = 2_000;

interface Attempt {
  readonly email?: string;
  /** What the client, or a proxy before the server, says of the address that it comes from. */
  readonly forwardedFor?: string;
  readonly url: string;
}

/** Tries to sign in with a wrong password, and gives the code of the refusal and the seconds to wait. */
async function fail({
  email = `${randomUUID()}@example.org`,
  forwardedFor,
  url,
}: Attempt): Promise<{ code?: string; wait?: number }> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
    },
    body: JSON.stringify({
      query: 'mutation ($email: String!) { signIn(email: $email, password: "a wrong guess") { accessToken } }',
      variables: { email },
    }),
  });
  const { errors = [] } = (await answer.json()) as { readonly errors?: readonly GraphqlError[] };
  const { code, retryAfterSeconds } = errors[0]?.extensions ?? {};
  return {
    ...(code === undefined ? {} : { code }),
    ...(typeof retryAfterSeconds === 'number' ? { wait: retryAfterSeconds } : {}),
  };
}

/** What limits must hold, whatever the queue runs on. */
function limitsHold(start: () => Promise<Muster>): void {
  let muster: Muster;
  beforeAll(async () => {
    muster = await start();
  });
  afterAll(() => muster.stop());

  const url = (n: number): string => muster.apis[n % muster.apis.length]?.url ?? '';

  test('failures of an account count together whichever process they come to, and the wait is told', async () => {
    const email = `${randomUUID()}@example.org`;
    for (let n = 0; n < FAILURES_PER_ACCOUNT; n += 1)
      expect(await fail({ email, url: url(n) })).toEqual({ code: 'UNAUTHENTICATED' });
    for (const n of [0, 1]) {
      const { code, wait = 0 } = await fail({ email: email.toUpperCase(), url: url(n) });
      expect(code).toBe('RATE_LIMITED');
      expect(wait).toBeGreaterThan(QUARTER_OF_AN_HOUR - 120);
      expect(wait).toBeLessThanOrEqual(QUARTER_OF_AN_HOUR);
    }
  });

  test('guesses sent to all processes at one instant learn no more than ten', async () => {
    const email = `${randomUUID()}@example.org`;
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => fail({ email, url: url(n) })));
    expect(answers.filter(({ code }) => code === 'UNAUTHENTICATED')).toHaveLength(FAILURES_PER_ACCOUNT);
    expect(answers.filter(({ code }) => code === 'RATE_LIMITED')).toHaveLength(30 - FAILURES_PER_ACCOUNT);
  });
}

describe('with the queue on PostgreSQL', () => {
  limitsHold(() => startMuster({ api: 2, worker: false }));
});

describeOnRedis('with the queue on Redis', () => {
  let redis: TestRedis;
  afterAll(() => redis.stop());
  limitsHold(async () => {
    redis = await startRedis();
    return startMuster({ api: 2, worker: false, redisUrl: redis.url });
  });
});

describe('the address of a client', () => {
  let plain: Muster;
  let behindProxy: Muster;
  let scene: Scene;
  beforeAll(async () => {
    plain = await startMuster({ worker: false });
    behindProxy = await startMuster({
      databaseUrl: plain.databaseUrl,
      worker: false,
      env: { TRUST_PROXY: '127.0.0.1' },
    });
    scene = await Scene.open(plain);
  });
  afterAll(async () => {
    await scene.close();
    await behindProxy.stop();
    await plain.stop();
  });

  const failures = async (): Promise<Record<string, number>> => {
    const rows = await scene.sql<{ key: string; points: number }>(
      `SELECT replace(key, 'address:', '') AS key, points::int FROM sign_in_failures WHERE key LIKE 'address:%'`,
    );
    return Object.fromEntries(rows.map(({ key, points }) => [key, points]));
  };

  test('is that of its connection, whatever it says, unless the settings name a proxy', async () => {
    await fail({ url: plain.url, forwardedFor: '203.0.113.7' });
    expect(await failures()).toEqual({ '127.0.0.1': 1 });
    await fail({ url: behindProxy.url, forwardedFor: '203.0.113.7' });
    expect(await failures()).toEqual({ '127.0.0.1': 1, '203.0.113.7': 1 });
  });

  test('is what the named proxy saw, not what the client had written before it', async () => {
    await fail({ url: behindProxy.url, forwardedFor: '198.51.100.1, 203.0.113.8' });
    expect(await failures()).toMatchObject({ '203.0.113.8': 1 });
    expect(await failures()).not.toHaveProperty(['198.51.100.1']);
  });

  test('that failed too often is turned away at sign-in, other addresses are not', async () => {
    const forwardedFor = '203.0.113.9';
    await fail({ url: behindProxy.url, forwardedFor });
    // The other failures are written down: to try two hundred passwords takes long.
    await scene.sql(`UPDATE sign_in_failures SET points = $1 WHERE key = $2`, [
      FAILURES_PER_ADDRESS - 1,
      `address:${forwardedFor}`,
    ]);
    expect(await fail({ url: behindProxy.url, forwardedFor })).toEqual({ code: 'UNAUTHENTICATED' });
    const limited = await fail({ url: behindProxy.url, forwardedFor });
    expect(limited.code).toBe('RATE_LIMITED');
    expect(limited.wait).toBeGreaterThan(0);
    expect(await fail({ url: behindProxy.url, forwardedFor: '203.0.113.10' })).toEqual({ code: 'UNAUTHENTICATED' });
  });

  test('holds up no report, however often it failed at sign-in and however many reports come from it', async () => {
    const { operationId, mombasa, officer } = await openPorts(scene);
    await fail({ url: plain.url });
    await scene.sql(`UPDATE sign_in_failures SET points = $1 WHERE key = 'address:127.0.0.1'`, [
      FAILURES_PER_ADDRESS + 50,
    ]);
    expect(await fail({ url: plain.url })).toMatchObject({ code: 'RATE_LIMITED' });
    let left = REPORTS;
    const refused: unknown[] = [];
    const send = async (): Promise<void> => {
      for (; left > 0;) {
        left -= 1;
        const { errors } = await officer.ask(REPORT, { input: seizureInput(operationId, mombasa) });
        refused.push(...errors);
      }
    };
    await Promise.all(Array.from({ length: 64 }, send));
    expect(refused).toEqual([]);
    const [stored] = await scene.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM seizures WHERE operation_id = $1`,
      [operationId],
    );
    expect(stored).toEqual({ count: REPORTS });
  });
});
