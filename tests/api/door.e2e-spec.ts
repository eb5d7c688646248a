import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getIntrospectionQuery } from 'graphql';
import { v7 } from 'uuid';

import { everyField, typeOfQuery } from '../fuzz/served-schema.js';
import { graphql, type GraphqlAnswer, type Muster, startMuster } from '../setup/index.js';
import { LOG, type Person, Scene, violationInput } from '../setup/scene.js';

let muster: Muster;
let scene: Scene;
let hub: Person;
let kenya: Person;
let operationId: string;

beforeAll(async () => {
  muster = await startMuster({ worker: false });
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  const agencyId = await scene.agency('KE');
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', agencyId);
  await scene.join(hub, operationId, 'TZ', await scene.agency('TZ'));
  await scene.move(hub, operationId, 'OPERATIONAL');
  await kenya.do(LOG, { input: violationInput(operationId, agencyId) });
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

/** A refusal of the whole: one error, without fields, and without data. */
function expectRefused({ data, errors }: GraphqlAnswer<object>, message: string): void {
  expect(data).toEqual({});
  expect(errors).toEqual([
    { message: expect.stringContaining(message) as unknown, extensions: { code: 'BAD_USER_INPUT' } },
  ]);
}

const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

describe('limits', () => {
  test.each<[string, string]>([
    ['violations', `violations(operationId: $id, first: 200) { ${everyField('ViolationConnection')} }`],
    ['seizures', `seizures(operationId: $id, first: 200) { ${everyField('SeizureConnection')} }`],
    [
      'violations and of seizures at once',
      `violations(operationId: $id, first: 200) { ${everyField('ViolationConnection')} }
       seizures(operationId: $id, first: 200) { ${everyField('SeizureConnection')} }`,
    ],
    ['the feed', `operationFeed(operationId: $id, first: 200) { ${everyField('FeedPage')} }`],
    ['an operation', `operation(id: $id) { ${everyField('Operation')} }`],
  ])('the largest page of %s with every field is answered', async (_what, field) => {
    const { errors } = await hub.ask(`query ($id: UUID!) { ${field} }`, { id: operationId });
    expect(errors).toEqual([]);
  });

  test.each(['operations', 'countries', 'commodities', 'agencies', 'portUnits'])(
    'the list of %s with every field is answered',
    async (field) => {
      expect((await hub.ask(`{ ${field} { ${everyField(typeOfQuery(field))} } }`)).errors).toEqual([]);
    },
  );

  test('what costs too much is refused before anything runs, however it is written', async () => {
    const pages = times(
      3,
      (n) => `p${n}: seizures(operationId: $id, first: $n) { ${everyField('SeizureConnection')} }`,
    );
    const ask = (document: string, n = 200): Promise<GraphqlAnswer<object>> =>
      hub.ask(document, { id: operationId, n });
    expectRefused(await ask(`query ($id: UUID!, $n: Int!) { ${pages} }`), 'asks for too much at once');
    expectRefused(await ask(`query ($id: UUID!, $n: Int!) { ...P } fragment P on Query { ${pages} }`), 'at once');
    expectRefused(await ask(`query ($id: UUID!, $n: Int!) { ... { ... on Query { ${pages} } } }`), 'at once');
    // The same document with a shorter page costs less, and is answered.
    expect((await ask(`query ($id: UUID!, $n: Int!) { ${pages} }`, 10)).errors).toEqual([]);
    expectRefused(await ask(`query ($id: UUID!, $n: Int!) { ${pages} }`), 'asks for too much at once');
  });

  test('passwords are tried a few at a time at most', async () => {
    const attempts = times(
      6,
      (n) => `a${n}: signIn(email: "nobody@test.muster.example", password: "guess ${n}") { accessToken }`,
    );
    expectRefused(await graphql(muster.graphqlUrl, `mutation { ${attempts} }`), 'asks for too much at once');
  });

  test('aliases, fields at once, fields in all, depth and variables have their limits', async () => {
    expectRefused(await hub.ask(`{ me { user { ${times(51, (n) => `a${n}: id`)} } } }`), 'too many aliases');
    expectRefused(await hub.ask(`{ ${times(31, (n) => `a${n}: me { user { id } }`)} }`), 'too much at once');
    expectRefused(await hub.ask(`{ me { user { ${times(1_001, () => 'id')} } } }`), 'too large');
    expectRefused(await hub.ask(`{ ${times(21, () => 'a {')} a ${times(21, () => '}')} }`), 'too deep');
    expectRefused(
      await hub.ask(`query (${times(101, (n) => `$v${n}: Int`)}) { me { user { id } } }`),
      'too many variables',
    );
  });

  test('a question about the schema cannot be nested without end', async () => {
    const nested = (depth: number): string =>
      `{ __schema { types { ${times(depth, () => 'fields { type {')} name ${times(depth, () => '} }')} } } }`;
    expect((await hub.ask(nested(2))).errors).toEqual([]);
    const { data, errors } = await hub.ask(nested(8));
    expect(data).toEqual({});
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('lists and variables have their limits', async () => {
    const list = `query ($f: ViolationFilter) { violations(operationId: "${v7()}", filter: $f) { totalCount } }`;
    expectRefused(await hub.ask(list, { f: { countries: Array(1_001).fill('KE') } }), 'list is too long');
    const many = Object.fromEntries(Array.from({ length: 21_000 }, (_, n) => [`x${n}`, 1]));
    expectRefused(await hub.ask('{ me { user { id } } }', many), 'variables are too large');
  });

  test('a page longer than 200 is a wrong field, and a batch is no request', async () => {
    const page = `query ($id: UUID!, $n: Int!) { violations(operationId: $id, first: $n) { totalCount } }`;
    const { errors } = await hub.ask(page, { id: operationId, n: 201 });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', fields: [{ path: 'first' }] } }]);
    const batch = await post('[{"query":"{ __typename }"},{"query":"{ __typename }"}]');
    expect(batch.status).toBe(400);
    expect(batch.body).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});

describe('in production', () => {
  let production: Muster;
  beforeAll(async () => {
    const env = { NODE_ENV: 'production', PUBLIC_URL: 'https://muster.example' };
    production = await startMuster({ databaseUrl: muster.databaseUrl, worker: false, env });
  });
  afterAll(() => production.stop());

  const ask = (query: string, variables?: Record<string, unknown>): Promise<GraphqlAnswer<object>> =>
    graphql(production.graphqlUrl, query, variables);

  test('the schema is not told, by whatever way', async () => {
    for (const question of [
      getIntrospectionQuery(),
      '{ __schema { queryType { name } } }',
      '{ __type(name: "Violation") { name } }',
      '{ a: __type(name: "Violation") { fields { name } } __typename }',
      'query { ... on Query { ...S } } fragment S on Query { __schema { types { name } } }',
      'mutation { __schema { types { name } } }',
    ]) {
      const { data, errors } = await ask(question);
      expect(data).toEqual({});
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(JSON.stringify(errors)).not.toMatch(/violations|Mutation\b.*name/);
    }
    expect((await ask('{ __typename }')).errors).toEqual([]);
  });

  test.each([
    ['a field', '{ countrys { code } }'],
    ['a field of a type', '{ countries { cod } }'],
    ['an argument', '{ agencies(contry: "KE") { id } }'],
    ['a type', 'query ($a: LogViolationInputt) { countries { code } }'],
  ])('%s that does not exist is answered without those it may have meant', async (_what, query) => {
    const { errors } = await ask(query);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
    expect(JSON.stringify((await hub.ask(query)).errors)).toMatch(/did you mean/i);
  });

  test('a field of an input that does not exist neither', async () => {
    const wrong = {
      query: 'query ($f: ViolationFilter) { violations(operationId: "x", filter: $f) { totalCount } }',
      f: { countrys: [] },
    };
    expect(JSON.stringify((await ask(wrong.query, { f: wrong.f })).errors)).not.toMatch(/did you mean/i);
  });

  test('browsers that come by https are told to come by nothing else', async () => {
    const { headers } = await post('{"query":"{ __typename }"}', { url: production.graphqlUrl });
    expect(headers['strict-transport-security']).toMatch(/^max-age=31536000/);
    const plain = await post('{"query":"{ __typename }"}');
    expect(plain.headers).not.toHaveProperty('strict-transport-security');
  });
});

test('outside production the schema is told', async () => {
  const { errors } = await hub.ask(
    getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true, oneOf: true }),
  );
  expect(errors).toEqual([]);
});

describe('with operations that were given beforehand', () => {
  const known = 'query Known($code: CountryCode) { agencies(country: $code) { id } }';
  const hash = createHash('sha256').update(known).digest('hex');
  let only: Muster;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-operations-'));
    await writeFile(join(folder, 'operations.json'), JSON.stringify({ [hash]: known }));
    const env = { PERSISTED_OPERATIONS: join(folder, 'operations.json') };
    only = await startMuster({ databaseUrl: muster.databaseUrl, worker: false, env });
  });
  afterAll(async () => {
    await only.stop();
    await rm(folder, { recursive: true });
  });

  const send = async (body: object): Promise<{ data?: unknown; errors?: unknown }> =>
    (await post(JSON.stringify(body), { url: only.graphqlUrl, headers: { authorization: `Bearer ${hub.token}` } }))
      .body as object;
  const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };

  test('one of them runs, named by its hash in either way or sent as it is', async () => {
    for (const body of [
      { extensions, variables: { code: 'KE' } },
      { documentId: hash },
      { documentId: `sha256:${hash}` },
      { query: known, extensions },
      { query: known },
      { operationName: 'Known', extensions },
    ]) {
      expect(await send(body)).toEqual({ data: { agencies: expect.any(Array) as unknown } });
    }
    const url = `${only.graphqlUrl}?extensions=${encodeURIComponent(JSON.stringify(extensions))}`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${hub.token}` } });
    expect(await answer.json()).toHaveProperty('data.agencies');
  });

  test('everything else is refused', async () => {
    const other = '{ me { user { id } } }';
    for (const body of [
      { query: other },
      { query: `${known} ` },
      { query: other, extensions },
      { query: other, documentId: hash },
      { query: other, persisted: true },
      { query: hash, persisted: true },
      { documentId: createHash('sha256').update(other).digest('hex') },
      { documentId: '__proto__' },
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'constructor' } } },
      { extensions: { persistedQuery: null } },
      {},
    ]) {
      expect(await send(body)).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    }
    const byGet = await fetch(`${only.graphqlUrl}?query=${encodeURIComponent(other)}`);
    expect(await byGet.json()).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    const asText = await post(other, { url: only.graphqlUrl, headers: { 'content-type': 'application/graphql' } });
    expect(asText.body).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** Sends a request as it is; `fetch` would not let a test choose every header. */
function post(
  body: string,
  {
    url = muster.graphqlUrl,
    headers = {},
  }: { readonly url?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: JSON.parse(text) as unknown });
        });
      },
    );
    sent.on('error', reject).end(body);
  });
}
