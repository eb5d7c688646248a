import type { Dice } from './dice.js';

/** A request as it goes over the wire. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

const PATHS = [
  ...[
    '/graphql',
    '/graphql',
    '/graphql',
    '/graphql',
    '/graphql/',
    '/GraphQL',
    '//graphql',
    '/graphql?query=%7B__typename%7D',
  ],
  ...[
    '/graphql?query={me{user{id}}}&variables={',
    '/graphql?query=%ff%fe',
    '/graphql?query[]=a&query[]=b',
    '/graphql?query=mutation%7BsignOut%7D',
  ],
  ...[
    '/graphql?extensions=%7B%22persistedQuery%22%3A1%7D&query=%7B__typename%7D',
    '/graphiql',
    '/graphiql/../../package.json',
  ],
  ...[
    '/graphiql/%2e%2e%2f%2e%2e%2fpackage.json',
    '/graphiql/graphiql.min.js%00',
    '/health/live',
    '/health/ready',
    '/metrics',
    '/%',
    '/%00',
    '/',
  ],
  ...[
    '/socket.io/',
    '/socket.io/?EIO=4&transport=polling',
    '/socket.io/?EIO=4&transport=websocket',
    '/socket.io/?EIO=9&transport=none&sid=x',
  ],
  ...[
    '/attachments',
    '/attachments/x',
    '/attachments/download?token=x',
    '/attachments/upload',
    '/attachments/upload/{id}',
    '/attachments/download/{id}',
    '/.git/config',
    '/.env',
    '/admin',
  ],
];
const METHODS = ['POST', 'POST', 'POST', 'POST', 'GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
const TYPES = [
  ...[
    'application/json',
    'application/json',
    'application/json',
    'application/json; charset=utf-16',
    'application/graphql',
    'text/plain',
  ],
  ...[
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'application/xml',
    'application/offset+octet-stream',
  ],
  ...['application/json, text/plain', 'APPLICATION/JSON;', '/', ''],
];

/** Bodies that are nearly what a client sends, and ones that are nothing like it. */
function body(dice: Dice, good: string): Buffer {
  const text = dice.pick<() => string>([
    () => good,
    () => good.slice(0, dice.whole(0, good.length)),
    () => `[${good},${good}]`,
    () => `[${'['.repeat(dice.whole(1, 5_000))}`,
    () => `{"query":${JSON.stringify(good)},"variables":"x"}`,
    () => good.replace('{', '{"__proto__":{"a":1},'),
    () => good.replace('{', '{"constructor":{"prototype":{"a":1}},'),
    () => good.replace('"query"', '"query":"{ __typename }","query"'),
    () => '{"query":null}',
    () => '{"query":["{ __typename }"]}',
    () => '{"query":"{ __typename }","operationName":{}}',
    () => '{"query":"{ __typename }","extensions":[]}',
    () => '{"query":"{ __typename }","variables":[{}]}',
    () => `{"query":"{ __typename }","operationName":${JSON.stringify('x'.repeat(dice.whole(1, 60_000)))}}`,
    () => 'null',
    () => '0',
    () => '"{ __typename }"',
    () => '\ufeff{"query":"{ __typename }"}',
    () => '',
  ])();
  return dice.chance(0.15) ? dice.bytes(dice.whole(0, 3_000)) : Buffer.from(text);
}

/** A request whose method, path, headers or body are odd. */
export function rawRequest(dice: Dice, good: string, ids: readonly string[], token: string | undefined): RawRequest {
  const method = dice.pick(METHODS);
  const odd: readonly (readonly [string, () => string])[] = [
    [
      'authorization',
      () =>
        dice.pick(['Bearer', 'Bearer ', 'Basic YTpi', `Bearer ${'x'.repeat(4_000)}`, 'bearer null', 'Bearer \u00ff']),
    ],
    ['origin', () => dice.pick(['null', 'https://evil.example', 'x', 'https://a b', `https://${'a'.repeat(3_000)}`])],
    ['host', () => dice.pick(['evil.example', '127.0.0.1:1', 'a:b:c', '[::1]'])],
    ['x-forwarded-for', () => dice.pick(['1.2.3.4', 'x', ', , ,', "'; DROP TABLE users; --"])],
    ['content-encoding', () => dice.pick(['gzip', 'br', 'identity', 'x'])],
    ['accept', () => dice.pick(['text/html', '*/*;q=x', ''])],
    ['sec-fetch-site', () => dice.pick(['cross-site', 'same-origin', 'x'])],
    ['tus-resumable', () => dice.pick(['1.0.0', '9.9.9', 'x'])],
    ['upload-length', () => dice.pick(['0', '-1', '1e9', '99999999999999999999', 'x'])],
    ['upload-offset', () => dice.pick(['0', '-1', 'x', '9007199254740993'])],
    [
      'upload-metadata',
      () => dice.pick(['name', 'name !!!', `filename ${Buffer.from('../../x').toString('base64')}`, ','.repeat(500)]),
    ],
    ['x-padding', () => 'x'.repeat(dice.whole(1, 20_000))],
    ['expect', () => dice.pick(['100-continue', 'x'])],
    ['range', () => dice.pick(['bytes=0-', 'bytes=9-1', 'bytes=-1,-2,-3', 'x'])],
  ];
  const headers: Record<string, string> = { 'content-type': dice.pick(TYPES) };
  if (token !== undefined && dice.chance(0.7)) headers['authorization'] = `Bearer ${token}`;
  for (const [name, value] of odd) if (dice.chance(0.08)) headers[name] = value();
  const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(method);
  return {
    method,
    path: dice.pick(PATHS).replace('{id}', dice.pick(ids)),
    headers,
    body: hasBody ? body(dice, good) : undefined,
  };
}
