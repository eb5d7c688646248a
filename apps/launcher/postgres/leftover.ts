import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcess, isKnown, isRunning, worksIn } from '../processes.js';
import { codeOf, StartFault } from '../start-fault.js';

/** Fast shutdown, then without waiting for anyone, then by force. */
const SIGNALS = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const;

/**
 * Ends a postmaster that an earlier start left running on a cluster, and clears away a pid file that would stop the next:
 * PostgreSQL takes any process of its user with that pid for a postmaster.
 */
export async function endLeftover(cluster: string, say: (line: string) => void): Promise<void> {
  const path = join(cluster, 'postmaster.pid');
  const pid = await pidIn(path);
  if (pid === undefined) return;
  if (isRunning(pid) && worksIn(pid, cluster)) {
    say(`A PostgreSQL of an earlier start still runs (process ${pid}); it is ended.`);
    await endProcess(pid, SIGNALS);
    if (isRunning(pid)) throw new StartFault(`The PostgreSQL of an earlier start (process ${pid}) does not end.`);
  }
  // Where the pid is free PostgreSQL sees for itself that the file is old.
  if (isKnown(pid)) await rm(path, { force: true });
}

async function pidIn(path: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(path, 'utf8'), 10);
    return pid > 1 ? pid : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
