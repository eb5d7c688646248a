import type { Dice } from './dice.js';
import type { Sending } from './exchange.js';
import type { RawRequest } from './raw-requests.js';

/** Where uploads begin. */
export const UPLOADS = '/attachments/upload';

/** What a request of tus is about. */
export interface TusPart {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** A request as tus 1.0 wants it. */
export function tusRequest({ method, path, token, headers = {}, body }: TusPart): RawRequest {
  return {
    method,
    path,
    headers: {
      'tus-resumable': '1.0.0',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': 'application/offset+octet-stream', 'content-length': String(body.length) } : {}),
      ...headers,
    },
    body,
  };
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Numbers in the headers of tus, right ones in a wrong form among them. */
const NUMBERS: readonly string[] = [
  ...['-1', '-0', '+1', '1.5', '1e2', '0x10', '010', ' 7 ', '', 'x', 'NaN', 'Infinity', '0', '1', '2'],
  ...['2147483648', '9007199254740993', '99999999999999999999', '1'.repeat(5_000), '5, 5', '५', 'null'],
].map((text) => Buffer.from(text).toString('latin1'));

function metadata(dice: Dice, ids: readonly string[]): string {
  const id = (): string => base64(dice.pick(ids));
  return dice.pick<() => string>([
    () => '',
    () => 'recordId',
    () => 'recordId ,id ',
    () => `recordId ${id()}`,
    () => `recordId ${id()},id ${id()}`,
    () => `recordId ${id()},id ${id()},recordId ${id()}`,
    () => `recordId  ${id()},  id ${id()} x`,
    () => `recordId !!!,id ???`,
    () => `recordId ${base64('../../etc/passwd')},id ${base64('\u0000')}`,
    () => `recordId ${base64("' OR 1=1 --")},id ${base64('{}')}`,
    () => `__proto__ ${id()},constructor ${id()},id ${id()}`,
    () => `recordId ${id()},id ${id()},filename ${base64('x'.repeat(9_000))}`,
    () => `recordId ${id().toLowerCase()},id ${base64(dice.pick(ids).toUpperCase())}`,
    () => Array.from({ length: 500 }, (_, n) => `k${n} ${base64('v')}`).join(','),
    () => ','.repeat(dice.whole(1, 3_000)),
  ])();
}

/** Paths that look like the one of an upload. */
function path(dice: Dice, right: string, ids: readonly string[]): string {
  const id = dice.pick(ids);
  return dice.pick([
    `${right}/`,
    `${right}?`,
    `${right}?x=/${id}`,
    `${right}#/${id}`,
    `${right}/../${id}`,
    `${right}%2f..%2f${id}`,
    `${right}%00`,
    `${right}.json`,
    `${right}%`,
    `${UPLOADS}//${id}`,
    `${UPLOADS}/../upload/${id}`,
    `${UPLOADS}/..%2foriginals%2f${id}`,
    `${UPLOADS}/..%5coriginals%5c${id}`,
    `${UPLOADS}/%2e%2e%2f%2e%2e%2fetc%2fpasswd`,
    `${UPLOADS}/{${id}}`,
    `${UPLOADS}/urn:uuid:${id}`,
    `${UPLOADS}/${id.toUpperCase()}`,
    `${UPLOADS}/${id.slice(0, -1)}`,
    `${UPLOADS}/${'0'.repeat(5_000)}`,
    `${UPLOADS}/__proto__`,
    `${UPLOADS}/upload`,
    `${UPLOADS}/`,
    `/attachments/originals/${id}`,
    `/attachments/download/${id}`,
  ]);
}

const METHODS = ['POST', 'PATCH', 'HEAD', 'DELETE', 'GET', 'PUT', 'OPTIONS', 'PROPFIND'];

/** What a header of a request is changed to. */
const HEADERS: readonly (readonly [string, (dice: Dice, ids: readonly string[]) => string])[] = [
  ['upload-offset', (dice) => dice.pick(NUMBERS)],
  ['upload-offset', (dice) => dice.pick(NUMBERS)],
  ['upload-length', (dice) => dice.pick(NUMBERS)],
  ['upload-length', (dice) => dice.pick(NUMBERS)],
  ['upload-metadata', metadata],
  ['upload-metadata', metadata],
  ['upload-defer-length', (dice) => dice.pick(['1', '0', 'true', '1'.repeat(3_000)])],
  [
    'upload-concat',
    (dice, ids) =>
      dice.pick(['partial', 'final;', `final;${UPLOADS}/${dice.pick(ids)} ${UPLOADS}/${dice.pick(ids)}`, 'final', 'x']),
  ],
  ['upload-checksum', (dice) => dice.pick(['sha1 x', 'sha256 AAAA', 'x', `md5 ${'A'.repeat(3_000)}`])],
  [
    'content-type',
    (dice) =>
      dice.pick([
        ...['application/octet-stream', 'application/json', 'multipart/form-data; boundary=a', 'text/plain', ''],
        ...['application/offset+octet-stream; charset=utf-8', 'APPLICATION/OFFSET+OCTET-STREAM', 'x', '/'],
      ]),
  ],
  ['tus-resumable', (dice) => dice.pick(['0.2.2', '1.0', '2.0.0', '1.0.0, 1.0.0', 'x', ''])],
  ['tus-version', () => 'x'],
  ['x-http-method-override', (dice) => dice.pick(['PATCH', 'DELETE', 'GET', 'TRACE', 'x'])],
  ['x-forwarded-proto', (dice) => dice.pick(['https', 'gopher'])],
  ['x-forwarded-host', () => 'evil.example'],
  ['forwarded', () => 'host="evil.example";proto=https'],
  ['content-encoding', (dice) => dice.pick(['gzip', 'br', 'x'])],
  ['expect', (dice) => dice.pick(['100-continue', 'x'])],
  ['origin', () => 'https://evil.example'],
  ['range', () => 'bytes=0-'],
  ['authorization', (dice) => dice.pick(['', 'Bearer', 'Bearer x', 'Basic YTpi', `Bearer ${'x'.repeat(4_000)}`])],
];

function body(dice: Dice, right: Buffer): Buffer {
  return dice.pick<() => Buffer>([
    () => Buffer.alloc(0),
    () => right.subarray(0, dice.whole(0, right.length)),
    () => Buffer.concat([right, dice.bytes(dice.whole(1, 30))]),
    () => Buffer.concat([right, Buffer.alloc(300_000)]),
    () => Buffer.concat([right, right]),
    () => dice.bytes(right.length),
  ])();
}

/** A request of which something is other than tus wants it; it may be cut off in the middle. */
export function mangled(sent: RawRequest, dice: Dice, ids: readonly string[]): RawRequest & Sending {
  const changed = { ...sent, headers: { ...sent.headers } as Record<string, string> };
  let cutAfter: number | undefined;
  const measure = (): void => {
    if (changed.body && 'content-length' in changed.headers)
      changed.headers['content-length'] = String(changed.body.length);
  };
  for (let time = dice.pick([1, 1, 1, 2, 3]); time > 0; time -= 1) {
    dice.pick<() => void>([
      () => {
        const [name, value] = dice.pick(HEADERS);
        changed.headers[name] = value(dice, ids);
      },
      () => {
        const [name, value] = dice.pick(HEADERS);
        changed.headers[name] = value(dice, ids);
      },
      () => {
        const names = Object.keys(changed.headers).filter((name) => name !== 'content-length');
        if (names.length > 0) delete changed.headers[dice.pick(names)];
      },
      () => {
        changed.path = path(dice, sent.path, ids);
      },
      () => {
        changed.method = dice.pick(METHODS);
      },
      () => {
        changed.body = body(dice, changed.body ?? Buffer.from('some bytes'));
        measure();
      },
      () => {
        delete changed.headers['content-length'];
        changed.headers['transfer-encoding'] = 'chunked';
      },
      () => {
        if (changed.body) cutAfter = dice.whole(0, changed.body.length);
      },
    ])();
  }
  if (changed.body && ['GET', 'HEAD', 'OPTIONS'].includes(changed.method)) {
    changed.body = undefined;
    delete changed.headers['content-length'];
    delete changed.headers['transfer-encoding'];
  }
  return cutAfter === undefined ? changed : { ...changed, cutAfter };
}

/** A link of which something was changed, or undefined where it says the same in other letters. */
export function mangledLink(link: string, dice: Dice, other: string): string | undefined {
  const at = dice.whole(0, link.length - 1);
  const header = (value: object): string => [base64(JSON.stringify(value)), ...link.split('.').slice(1)].join('.');
  const made = dice.pick<() => string>([
    () => link.slice(0, at),
    () => link.slice(at),
    () => link.slice(0, at) + dice.pick([...'AZaz09-_.%= ']) + link.slice(at + 1),
    () => link.slice(0, at) + dice.pick([...'AZaz09-_.%= ']) + link.slice(at + 1),
    () => [...link].reverse().join(''),
    () => [...link.split('.').slice(0, 3), ...other.split('.').slice(3)].join('.'),
    () => [...link.split('.').slice(0, 4), other.split('.')[4]].join('.'),
    () => header({ alg: 'none' }),
    () => header({ alg: 'dir', enc: dice.pick(['A128GCM', 'A256CBC-HS512', 'none', 'A192GCM']) }),
    () => header({ alg: dice.pick(['A256KW', 'RSA-OAEP', 'PBES2-HS256+A128KW', 'ECDH-ES']), enc: 'A256GCM', p2c: 1e9 }),
    () => header({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }),
    () => header({ alg: 'dir', enc: 'A256GCM', crit: ['exp', '__proto__'] }),
    () => '.'.repeat(dice.whole(1, 3_000)),
    () => `${base64('{"alg":"none"}')}.${base64('{"record":"x"}')}.`,
    () => dice.bytes(100).toString('base64url'),
    () => '',
  ])();
  const bytesOf = (text: string): string =>
    text
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join('.');
  return bytesOf(made) === bytesOf(link) ? undefined : made;
}
