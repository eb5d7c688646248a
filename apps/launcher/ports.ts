import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { LauncherSettings } from './settings.js';
import { codeOf } from './start-fault.js';

/** The port that Muster takes when the setting says nothing. */
export const USUAL_PORT = 3000;

/** Listens for a moment. Gives the port that it got, or the code of the error (`EADDRINUSE`). */
async function tryPort(host: string, port: number): Promise<number | string> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(codeOf(error) ?? error.message));
    server.listen(port, host, () => {
      const got = (server.address() as AddressInfo).port;
      server.close(() => resolve(got));
    });
  });
}

/** Whether somebody could listen on the port now. */
export const isFree = async (host: string, port: number): Promise<boolean> => (await tryPort(host, port)) === port;

/** A port that nobody listens on. */
export async function freePort(host: string): Promise<number> {
  const got = await tryPort(host, 0);
  if (typeof got === 'string') throw new Error(`no port can be opened on ${host} (${got})`);
  return got;
}

/**
 * Chooses the port of the API, once for the whole start: a part that is started again comes back on it.
 * @param patience milliseconds to wait for a taken port, where what an earlier start left may be about to let go of it
 * @returns the port, or the fault of the setting that can't be met
 */
export async function choosePort(
  { host, port }: Pick<LauncherSettings, 'host' | 'port'>,
  patience: number,
): Promise<number | string> {
  const wanted = port ?? USUAL_PORT;
  const until = Date.now() + patience;
  let got = await tryPort(host, wanted);
  while (got === 'EADDRINUSE' && Date.now() < until) {
    await pause(100);
    got = await tryPort(host, wanted);
  }
  if (typeof got === 'number') return got;
  if (got === 'EADDRINUSE') {
    return port === undefined ? freePort(host) : `PORT ${port} is taken by another program on ${host}`;
  }
  if (got === 'EACCES') return `PORT ${wanted} may not be opened by this user`;
  return `HOST ${host} is not an address of this machine (${got})`;
}
