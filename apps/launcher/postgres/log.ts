import { existsSync } from 'node:fs';
import { open, rename, stat, type FileHandle } from 'node:fs/promises';

const LARGEST = 10_000_000;
const LINES_SHOWN = 15;

/** Opens PostgreSQL's log to write on. A long one makes room, and the one before it is kept. */
export async function openLog(path: string): Promise<FileHandle> {
  if (existsSync(path) && (await stat(path)).size > LARGEST) await rename(path, `${path}.1`);
  return open(path, 'a+', 0o600);
}

/** The last lines that were written to a log after a position in it. */
export async function lastLines(path: string, from: number): Promise<string> {
  const log = await open(path, 'r');
  try {
    const { size } = await log.stat();
    const { buffer, bytesRead } = await log.read(
      Buffer.alloc(Math.max(0, size - from)),
      0,
      Math.max(0, size - from),
      from,
    );
    return buffer.subarray(0, bytesRead).toString().trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
  } finally {
    await log.close();
  }
}
