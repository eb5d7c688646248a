import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { roleUrls } from '../../apps/launcher/role-urls.js';

/** The folder of the repository. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** One program of Muster as a process of its own. */
export interface Program {
  readonly pid: number;
  /** Where it listens; empty for a worker. */
  readonly url: string;
  /** What it printed so far. */
  output(): string;
  /** Sends a signal, and waits for its end when the signal ends it. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it as its clean end is. */
  stop(): Promise<void>;
}

/** How long a start may take on a machine that is busy, in milliseconds; TypeORM alone tries ten times, a second apart. */
const LONGEST_START = 60_000;

/**
 * Starts a compiled program and waits until it says that it is ready. It ends with the test that started it.
 * @throws where it ends before, or is neither ready nor ended after a minute: then it is killed
 */
export async function startProgram(name: 'api' | 'worker', environment: NodeJS.ProcessEnv): Promise<Program> {
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'apps', name, 'main.js')], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed: Buffer[] = [];
  const output = (): string => Buffer.concat(printed).toString();
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.on('message', (message: { readonly type?: string; readonly url?: string }) => {
      if (message.type === 'ready') resolve(message.url ?? '');
    });
    child.once('error', reject);
    child.once('close', (code) =>
      reject(new Error(`${name} ended with code ${code} before it was ready:\n${output()}`)),
    );
    const hangs = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${name} hangs: neither ready nor ended:\n${output().slice(0, 10_000)}`));
    }, LONGEST_START);
    child.once('message', () => clearTimeout(hangs)).once('close', () => clearTimeout(hangs));
  });
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended;
  };
  return { pid: child.pid ?? 0, url, output, kill, stop: () => kill('SIGTERM') };
}

/** Runs a command of the console as the owner of a database, and gives what it printed; fails where its exit code is not 0. */
export async function runConsole(databaseUrl: string, ...args: readonly string[]): Promise<string> {
  const { api, worker } = roleUrls(databaseUrl);
  const urls = { DATABASE_URL: databaseUrl, API_DATABASE_URL: api, WORKER_DATABASE_URL: worker };
  const program = join(ROOT, 'dist', 'apps', 'console', 'main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'warn', ...urls },
  });
  return stdout;
}
