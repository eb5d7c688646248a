import { request } from 'node:http';
import { io } from 'socket.io-client';

import { type Muster, startMuster } from '../setup/index.js';
import { type Person, Scene } from '../setup/scene.js';

const WEB = 'https://web.example';
const EVIL = 'https://evil.example';

let muster: Muster;
let scene: Scene;
let person: Person;
let own: string;

beforeAll(async () => {
  muster = await startMuster({ worker: false, env: { ALLOWED_ORIGINS: WEB } });
  scene = await Scene.open(muster);
  person = await scene.person(await scene.agency('KE'));
  own = muster.url;
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

type Headers = Readonly<Record<string, string>>;

/** Sends a request with headers of any name: `fetch` keeps those of browsers for itself. */
function send(
  method: string,
  path: string,
  headers: Headers = {},
  body?: string,
  base = muster.url,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    request(`${base}${path}`, { method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() }),
      );
    })
      .on('error', reject)
      .end(body);
  });
}

const ME = JSON.stringify({ query: '{ me { user { id } } }' });
const json = (headers: Headers = {}): Headers => ({
  'content-type': 'application/json',
  authorization: `Bearer ${person.token}`,
  ...headers,
});

describe('a page of a browser', () => {
  test('of the own origin or an allowed one is answered, and so is a program that names none', async () => {
    for (const headers of [json(), json({ origin: own }), json({ origin: WEB })]) {
      const { status, text } = await send('POST', '/graphql', headers, ME);
      expect(status).toBe(200);
      expect(JSON.parse(text)).toEqual({ data: { me: { user: { id: person.id } } } });
    }
  });

  test.each([EVIL, 'null', 'http://web.example', 'http://127.0.0.1:1', `${WEB}.evil.example`])(
    'of %s is refused by whatever method, and nothing runs',
    async (origin) => {
      const signOut = JSON.stringify({ query: 'mutation { signOut }' });
      for (const [method, path, body] of [
        ['POST', '/graphql', signOut],
        ['GET', '/graphql?query=%7B__typename%7D', undefined],
        ['GET', '/health/live', undefined],
        ['GET', '/metrics', undefined],
        ['GET', '/graphiql', undefined],
        ['GET', '/nowhere', undefined],
      ] as const) {
        const { status, text, headers } = await send(method, path, json({ origin }), body);
        expect({ method, path, status }).toEqual({ method, path, status: 403 });
        expect(JSON.parse(text)).toMatchObject({ data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
        expect(headers['access-control-allow-origin']).toBeUndefined();
      }
      const asked = await send('OPTIONS', '/graphql', { origin, 'access-control-request-method': 'POST' });
      expect(asked.headers['access-control-allow-origin']).toBeUndefined();
      const { text } = await send('POST', '/graphql', json(), ME);
      expect(JSON.parse(text)).not.toHaveProperty('errors');
    },
  );

  test('of an allowed origin may ask beforehand, and reads answers; it learns nothing for others, and no cookie is taken', async () => {
    const asked = await send('OPTIONS', '/graphql', {
      origin: WEB,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    });
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': WEB,
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '600',
    });
    const answered = await send('POST', '/graphql', json({ origin: WEB }), ME);
    expect(answered.headers).toMatchObject({
      'access-control-allow-origin': WEB,
      vary: expect.stringContaining('Origin') as unknown,
    });
    for (const { headers } of [asked, answered]) expect(headers).not.toHaveProperty('access-control-allow-credentials');
    const plain = await send('POST', '/graphql', json(), ME);
    expect(plain.headers['access-control-allow-origin']).not.toBe('*');
  });

  test('that loads a picture or script from here on another site is refused; a person who follows a link is not', async () => {
    const from = (mode: string): Headers => ({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode });
    expect((await send('GET', '/graphql?query=%7B__typename%7D', from('no-cors'))).status).toBe(403);
    expect((await send('GET', '/graphiql', from('navigate'))).status).toBe(200);
  });
});

describe('where PUBLIC_URL is set', () => {
  const PUBLIC = 'https://muster.example';
  let known: Muster;
  beforeAll(async () => {
    const env = { ALLOWED_ORIGINS: WEB, PUBLIC_URL: PUBLIC };
    known = await startMuster({ databaseUrl: muster.databaseUrl, worker: false, env });
  });
  afterAll(() => known.stop());

  test('its origin and the allowed ones alone are answered: not the host that a request names, be it right or not', async () => {
    const rebound = 'http://rebound.example';
    for (const [headers, status] of [
      [{ origin: PUBLIC }, 200],
      [{ origin: WEB }, 200],
      [{}, 200],
      [{ origin: known.url }, 403],
      [{ origin: rebound, host: 'rebound.example' }, 403],
    ] as const) {
      const answered = await send('POST', '/graphql', json(headers), ME, known.url);
      expect({ headers, status: answered.status }).toEqual({ headers, status });
      const socket = await send('GET', '/socket.io/?EIO=4&transport=polling', headers, undefined, known.url);
      expect({ headers, status: socket.status }).toEqual({ headers, status });
    }
  });
});

describe('a request that a browser sends without asking beforehand', () => {
  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'as %s is refused',
    async (type) => {
      const headers = { ...json(), 'content-type': type };
      const { status, text } = await send(
        'POST',
        '/graphql',
        headers,
        JSON.stringify({ query: 'mutation { signOut }' }),
      );
      expect(status).toBe(415);
      expect(JSON.parse(text)).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    },
  );

  test.each(['GET', 'HEAD'])('%s changes nothing', async (method) => {
    const { status } = await send(method, `/graphql?query=${encodeURIComponent('mutation { signOut }')}`, json());
    expect([404, 405]).toContain(status);
    const { text } = await send('POST', '/graphql', json(), ME);
    expect(JSON.parse(text)).not.toHaveProperty('errors');
  });
});

describe('headers', () => {
  test('every answer says that it is no page, is framed by none, kept by none and taken for nothing else', async () => {
    for (const [method, path, headers, body] of [
      ['POST', '/graphql', json(), ME],
      ['POST', '/graphql', json(), '{'],
      ['GET', '/health/live', {}, undefined],
      ['GET', '/metrics', {}, undefined],
      ['GET', '/nowhere', {}, undefined],
      ['POST', '/graphql', json({ origin: EVIL }), ME],
    ] as const) {
      const answer = await send(method, path, headers, body);
      expect(answer.headers).toMatchObject({
        'content-security-policy': expect.stringContaining("default-src 'none'") as unknown,
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(answer.headers).not.toHaveProperty('x-powered-by');
      expect(answer.headers).not.toHaveProperty('server');
      expect(answer.headers).not.toHaveProperty('set-cookie');
    }
  });

  test('GraphiQL may load its own files and nothing else', async () => {
    const { headers } = await send('GET', '/graphiql');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:/);
  });
});

describe('a socket', () => {
  const transports = ['polling', 'websocket'] as const;

  /** Whether a socket comes to be, with this origin. */
  function connects(transport: (typeof transports)[number], origin: string | undefined): Promise<boolean> {
    const socket = io(`${muster.url}/live`, {
      transports: [transport],
      auth: { token: person.token },
      reconnection: false,
      forceNew: true,
      ...(origin === undefined ? {} : { extraHeaders: { origin } }),
    });
    return new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('connect_error', () => resolve(false));
    }).finally(() => socket.disconnect());
  }

  test.each(transports)('by %s is had from the own origin, an allowed one, and by programs', async (transport) => {
    for (const origin of [undefined, own, WEB])
      expect({ origin, connects: await connects(transport, origin) }).toEqual({ origin, connects: true });
  });

  test.each(transports)('by %s is refused to pages of other origins', async (transport) => {
    for (const origin of [EVIL, 'null', 'http://web.example'])
      expect({ origin, connects: await connects(transport, origin) }).toEqual({ origin, connects: false });
  });

  test('says to a browser whose page may read it, and is kept by none', async () => {
    const path = '/socket.io/?EIO=4&transport=polling';
    const allowed = await send('GET', path, { origin: WEB });
    expect(allowed.status).toBe(200);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': WEB,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const refused = await send('GET', path, { origin: EVIL });
    expect(refused.status).toBe(403);
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin', EVIL);
  });
});
