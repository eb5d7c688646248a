import { spawn } from 'node:child_process';
import { StartFault } from './start-fault.js';

/**
 * Runs one command of the console to its end.
 * @param script the compiled console
 * @param stop ends the command
 * @throws StartFault with what the command printed, when it fails
 */
export async function runCommand(
  script: string,
  command: string,
  environment: NodeJS.ProcessEnv,
  stop: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, [script, command], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    signal: stop,
  });
  const printed: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk));
  const how = await new Promise<string | undefined>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  stop.throwIfAborted();
  if (how) throw new StartFault(`\`${command}\` failed (${how}):\n${Buffer.concat(printed).toString().trimEnd()}`);
}
