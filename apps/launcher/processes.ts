import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf } from './start-fault.js';

/**
 * When a process began, in a form to be compared, or undefined when there is no such process. A pid alone does not do: the
 * system gives it to another process later, after a restart of the machine even soon.
 */
export function beginningOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return beginningOnLinux(pid);
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function beginningOnLinux(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the command's name in brackets, which may hold spaces and brackets itself.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Ended, and only waiting for its parent to ask: in a container often for ever.
  if (state === 'Z' || state === 'X') return undefined;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${fields[18]}`;
}

/** Whether a process runs. One that has ended and was not waited for does not count. */
export const isRunning = (pid: number): boolean => beginningOf(pid) !== undefined;

/** Whether the system still knows the pid, of a process that runs or of one that was not waited for. */
export function isKnown(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** Whether a process works in a folder, told by the folder itself, so that a moved or renamed one is still found. */
export function worksIn(pid: number, folder: string): boolean {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(folder);
    }
    const [there, here] = [statSync(`/proc/${pid}/cwd`), statSync(folder)];
    return there.ino === here.ino && there.dev === here.dev;
  } catch {
    return false;
  }
}

/**
 * Ends a process that is not a child of this one: sends each signal in turn until it is gone.
 * @param signals each with the milliseconds that it gets before the next one
 */
export async function endProcess(pid: number, signals: readonly (readonly [NodeJS.Signals, number])[]): Promise<void> {
  const beginning = beginningOf(pid);
  const isSame = () => beginning !== undefined && beginningOf(pid) === beginning;
  for (const [signal, limit] of signals) {
    if (!isSame()) return;
    process.kill(pid, signal);
    for (const until = Date.now() + limit; isSame() && Date.now() < until;) await pause(50);
  }
}
