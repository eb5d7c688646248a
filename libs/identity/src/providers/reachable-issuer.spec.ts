import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { askProvider, isUnreachable, mayBeAsked } from './reachable-issuer.js';

test.each<[string, boolean, boolean]>([
  ['https://login.customs.example', true, true],
  ['https://login.customs.example/realms/muster', true, true],
  ['http://127.0.0.1:9000', true, false],
  ['http://localhost:9000', true, false],
  ['http://[::1]:9000', true, false],
  ['http://login.customs.example', false, false],
  ['http://127.0.0.1.evil.example', false, false],
  ['http://0.0.0.0', false, false],
  ['https://user:secret@login.customs.example', false, false],
  ['ftp://login.customs.example', false, false],
])('%s is asked in development: %s, in production: %s', (address, development, production) => {
  expect([mayBeAsked(new URL(address), false), mayBeAsked(new URL(address), true)]).toEqual([development, production]);
});

describe('asking', () => {
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      else if (request.url === '/broken') response.writeHead(503).end('later');
      else if (request.url === '/endless') {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
        };
        response.on('drain', more);
        more();
      } else response.end('{"fine":true}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const failure = (path: string): Promise<unknown> =>
    askProvider(origin + path, {}, false).catch((error: unknown) => error);

  test('gives the answer', async () => {
    expect(await (await askProvider(`${origin}/fine`, {}, false)).json()).toEqual({ fine: true });
  });

  test('follows no redirect', async () => {
    expect((await askProvider(`${origin}/redirect`, {}, false)).status).toBe(302);
  });

  test('goes nowhere that its metadata must not lead to', async () => {
    await expect(askProvider('http://169.254.169.254/latest/meta-data', {}, false)).rejects.toThrow('not asked');
    await expect(askProvider(`${origin}/fine`, {}, true)).rejects.toThrow('not asked');
  });

  test('a provider in trouble, one that is not there and an answer without end are out of reach', async () => {
    expect(isUnreachable(await failure('/broken'))).toBe(true);
    expect(isUnreachable(await failure('/endless'))).toBe(true);
    expect(isUnreachable(await askProvider('http://127.0.0.1:1/', {}, false).catch((error: unknown) => error))).toBe(
      true,
    );
    expect(isUnreachable(new Error('wrapped', { cause: await failure('/broken') }))).toBe(true);
    expect(isUnreachable(new Error('wrong nonce'))).toBe(false);
  });
});
