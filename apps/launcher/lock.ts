import { randomBytes } from 'node:crypto';
import { link, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writePrivately } from './private-file.js';
import { beginningOf } from './processes.js';
import { codeOf, StartFault } from './start-fault.js';

const Holder = z.object({ pid: z.int(), began: z.string() });

/** The right to run Muster on one data folder. */
export interface Lock {
  /** The start before this one did not end cleanly, so what it left may still be on its way out. */
  readonly isTakenOver: boolean;
  release(): Promise<void>;
}

/**
 * Takes the data folder for this process. The lock of a process that is gone does not count.
 * @throws StartFault naming the process that runs on the folder
 */
export async function takeLock(dataDir: string): Promise<Lock> {
  const path = join(dataDir, 'launcher.json');
  const own = join(dataDir, `launcher.json.${randomBytes(6).toString('hex')}`);
  const began = beginningOf(process.pid) ?? '';
  await writePrivately(own, { pid: process.pid, began });
  try {
    for (let isTakenOver = false; ; isTakenOver = true) {
      try {
        // A link is made by one process only, however many try at the same moment.
        await link(own, path);
        return { isTakenOver, release: () => rm(path, { force: true }) };
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      await clearAway(path, dataDir);
    }
  } finally {
    await rm(own, { force: true });
  }
}

async function clearAway(path: string, dataDir: string): Promise<void> {
  await refuseIfHeld(path, dataDir);
  const away = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, away);
    // Another start may have cleared the same lock and taken it between the look and the rename: then it is put back.
    await refuseIfHeld(away, dataDir, () => link(away, path));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  } finally {
    await rm(away, { force: true });
  }
}

async function refuseIfHeld(path: string, dataDir: string, before?: () => Promise<void>): Promise<void> {
  const holder = Holder.safeParse(await readJson(path));
  if (!holder.success || beginningOf(holder.data.pid) !== holder.data.began) return;
  await before?.();
  throw new StartFault(
    `Muster already runs on ${dataDir} (process ${holder.data.pid}). End it first, or set DATA_DIR to another folder.`,
  );
}
