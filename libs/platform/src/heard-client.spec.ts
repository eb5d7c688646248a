import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import pg from 'pg';

import { HeardClient } from './heard-client.js';

/** One message of PostgreSQL's protocol: its type, the length and what it says. */
function message(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const AUTHENTICATED = message('R', Buffer.alloc(4));
const READY = message('Z', 'I');
const ENDING = message('E', 'SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0');

test('a server that ends in the packet which says that it is ready ends no process', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.concat([AUTHENTICATED, READY, ENDING])));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'nobody', password: '', Client: HeardClient });
  pool.on('error', () => undefined);
  const unheard: unknown[] = [];
  const note = (error: unknown): number => unheard.push(error);
  process.on('uncaughtException', note);
  const client = await pool.connect();
  await expect(client.query('SELECT 1')).rejects.toThrow();
  client.release(true);
  process.off('uncaughtException', note);
  expect(unheard).toEqual([]);
  await pool.end();
  server.close();
});
