import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';

import { until } from './until.js';

/** The machine's clamd; undefined where there is none. The global set-up has installed it where it may. */
export const clamdProgram: string | undefined = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  .map((folder) => join(folder, 'clamd'))
  .find((path) => existsSync(path));

/** Tests that need a virus scanner. Where the machine has none they are skipped, and their title says why. */
export function describeWithClamd(title: string, tests: () => void): void {
  if (clamdProgram) describe(title, tests);
  else describe.skip(`${title} (skipped: there is no clamd on this machine)`, tests);
}

/** What the tests' clamd takes for a virus: nothing that a scanner elsewhere would know. */
export const VIRUS = 'muster-test-virus-of-no-harm';

/** A clamd of one test file's own, with one signature. */
export interface TestClamd {
  /** Of its socket. */
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends it and removes what is its own. */
  remove(): Promise<void>;
}

/** Prepares a clamd on a socket of its own; it is away until it is started. */
export async function prepareClamd(): Promise<TestClamd> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-test-clamd-'));
  const socket = join(folder, 'clamd.sock');
  const signature = `Muster.Test.Virus:0:*:${Buffer.from(VIRUS).toString('hex')}\n`;
  await writeFile(join(folder, 'test.ndb'), signature);
  const settings = { DatabaseDirectory: folder, LocalSocket: socket, Foreground: 'yes', FixStaleSocket: 'yes' };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  await writeFile(join(folder, 'clamd.conf'), lines.join(''));
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  return {
    url: `unix:${socket}`,
    async start() {
      if (!clamdProgram) throw new Error('there is no clamd on this machine');
      child = spawn(clamdProgram, ['--config-file', join(folder, 'clamd.conf')], { stdio: 'ignore' });
      await until(() => answers(socket), { limit: 30_000, what: 'clamd answers' });
    },
    stop,
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const link = connect(socket, () => link.write('zPING\0'));
    link.once('data', (said) => {
      link.destroy();
      resolve(said.toString().startsWith('PONG'));
    });
    link.once('error', () => resolve(false));
  });
}
