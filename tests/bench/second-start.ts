import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Figure } from './figures.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const GOAL_SECONDS = 15;

/** How long a second `npm start` takes until Muster is ready. */
export async function measureSecondStart(): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-bench-start-'));
  try {
    await secondsToReady(folder);
    const value = await secondsToReady(folder);
    return {
      name: 'second npm start until ready',
      value,
      unit: 's',
      baseline: null,
      goal: GOAL_SECONDS,
      holds: value < GOAL_SECONDS,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function secondsToReady(folder: string): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs')], {
    cwd: ROOT,
    env: { ...process.env, DATA_DIR: folder, PORT: '', DATABASE_URL: '', REDIS_URL: '', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('Muster is ready')) resolve();
    });
    void ended.then(() => reject(new Error('Muster ended before it was ready.')));
  });
  const seconds = (performance.now() - began) / 1000;
  child.kill('SIGTERM');
  await ended;
  return seconds;
}
