import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Readable } from 'node:stream';

import { ClamdAway, scan } from './clamd.js';

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** Something that answers as clamd does, when the first bytes have come. */
async function answering(answer: string): Promise<string> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(`${answer}\0`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const words = (): Readable => Readable.from([Buffer.from('words')]);

test('a size limit is an answer about the file, which is not sent again and again', async () => {
  expect(await scan(await answering('INSTREAM size limit exceeded. ERROR'), words())).toBe('too large');
});

test('any other error is none, and the file waits', async () => {
  await expect(scan(await answering('Command read timed out. ERROR'), words())).rejects.toThrow(ClamdAway);
});
