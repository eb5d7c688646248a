import { describeOnRedis, graphql, type Muster, startMuster, startRedis, until } from '../setup/index.js';
import { Scene } from '../setup/scene.js';

let muster: Muster;
let scene: Scene;

beforeAll(async () => {
  muster = await startMuster({ env: { LOG_LEVEL: 'trace' } });
  scene = await Scene.open(muster);
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const get = async (path: string, url = muster.url): Promise<{ status: number; type: string; text: string }> => {
  const answer = await fetch(`${url}${path}`);
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
};

test('a process says that it lives, and that its parts are up', async () => {
  expect(await get('/health/live')).toMatchObject({ status: 200 });
  const ready = await get('/health/ready');
  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.text)).toEqual({ status: 'ready', parts: { database: 'up', queue: 'up' } });
});

test('Prometheus is told of requests, of the depth and age of the queue, and of the lag of the feed', async () => {
  await graphql(muster.graphqlUrl, '{ __typename }');
  const { status, type, text } = await get('/metrics');
  expect(status).toBe(200);
  expect(type).toContain('text/plain');
  expect(text).toMatch(/muster_http_request_seconds_count\{[^}]*route="\/graphql"[^}]*\} [1-9]/);
  for (const name of [
    'muster_queue_reports{state="waiting"} 0',
    'muster_queue_oldest_seconds 0',
    'muster_feed_lag_seconds 0',
  ]) {
    expect(text).toContain(name);
  }
});

test('GraphiQL comes whole from this server, with nothing from the net', async () => {
  const page = await get('/graphiql');
  expect(page).toMatchObject({ status: 200, type: expect.stringContaining('text/html') as unknown });
  expect(page.text).not.toMatch(/(src|href)="(https?:)?\/\//);
  const parts = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path ?? '');
  expect(parts.length).toBeGreaterThanOrEqual(4);
  for (const path of parts) expect(await get(path)).toMatchObject({ status: 200 });
});

test('in production there is no GraphiQL', async () => {
  const production = await startMuster({
    databaseUrl: muster.databaseUrl,
    worker: false,
    env: { NODE_ENV: 'production' },
  });
  try {
    expect(await get('/graphiql', production.url)).toMatchObject({ status: 404 });
    expect(await get('/health/ready', production.url)).toMatchObject({ status: 200 });
  } finally {
    await production.stop();
  }
});

test('logs are one JSON object a line with the id that the answer names, and hold no secret', async () => {
  const person = await scene.person(null, { role: 'HUB' });
  const { refreshToken } = await scene.signIn(person.email);
  const answer = await fetch(muster.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${person.token}` },
    body: JSON.stringify({ query: '{ me { user { id } } }' }),
  });
  await answer.text();
  const requestId = answer.headers.get('x-request-id') ?? '';
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  const output = (): string => muster.apis[0]?.output() ?? '';
  await until(() => output().includes(requestId));
  for (const line of output().trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  const password = new URL(muster.databaseUrl).password;
  for (const secret of [person.token, refreshToken, 'a password for tests', password]) {
    expect(output()).not.toContain(secret);
  }
});

describeOnRedis('with the queue on Redis', () => {
  test('readiness names the queue when Redis is down, and comes back with it', async () => {
    const redis = await startRedis();
    const onRedis = await startMuster({ databaseUrl: muster.databaseUrl, redisUrl: redis.url, worker: false });
    try {
      const ready = async (): Promise<unknown> => JSON.parse((await get('/health/ready', onRedis.url)).text);
      expect(await ready()).toMatchObject({ status: 'ready' });
      await redis.kill('SIGKILL');
      expect(await ready()).toEqual({ status: 'not ready', parts: { database: 'up', queue: 'down' } });
      await redis.restart();
      await until(async () => (await get('/health/ready', onRedis.url)).status === 200);
    } finally {
      await onRedis.stop();
      await redis.stop();
    }
  });
});
