import { spawn } from 'node:child_process';
import type { SystemUser } from './system-user.js';

/**
 * Ends PostgreSQL when this process is gone, also by `kill -9`: a shell that waits for the end of its input, which closes with
 * this process. PostgreSQL itself would stay.
 * @returns ends the guard
 */
export function guard(postmaster: number, user: SystemUser | undefined): () => void {
  if (process.platform === 'win32') return () => undefined;
  const shell = spawn('sh', ['-c', 'read -r _; kill -INT "$1"', 'sh', String(postmaster)], {
    ...user,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a guard PostgreSQL works as well, and the next start ends it.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  return () => shell.kill('SIGKILL');
}
