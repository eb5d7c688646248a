import { spawn } from 'node:child_process';
import { z } from 'zod';
import { endOf, type End, type Life, type Part } from './part.js';

const Ready = z.object({ type: z.literal('ready'), url: z.string().optional() });
export type Ready = z.infer<typeof Ready>;

/** The time a part gets to become ready, in milliseconds. */
const TIME_TO_BE_READY = 120_000;

/** The time a part gets to end by itself after SIGTERM, in milliseconds. */
const TIME_TO_END = 10_000;

/**
 * A part that is a program of Muster. It says `{ type: 'ready' }` over its channel, and ends by itself when the channel
 * closes, so that a launcher that was killed leaves none behind.
 * @param script the compiled file
 */
export function nodePart(name: string, script: string, environment: NodeJS.ProcessEnv): Part<Ready> {
  return { name, firstTries: 2, begin: () => begin(name, script, environment) };
}

/**
 * What a program keeps in memory is far below this, and without a bound Node.js lets garbage lie until hundreds of MiB have gathered;
 * the container image asks for the same. In MiB.
 */
const MEMORY = ['--max-old-space-size=224', '--max-semi-space-size=8'];
/** The worker lives of the same few things all day, and needs less: so an import of any length stays below 200 MiB. */
const MEMORY_OF_WORKER = ['--max-old-space-size=144', '--max-semi-space-size=4'];

async function begin(name: string, script: string, environment: NodeJS.ProcessEnv): Promise<Life<Ready>> {
  const child = spawn(process.execPath, [...(name === 'worker' ? MEMORY_OF_WORKER : MEMORY), script], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A process group of its own: Ctrl-C in the terminal reaches the launcher alone, which ends the parts in order.
    detached: true,
  });
  const ended = new Promise<End>((resolve) => child.once('exit', (code, signal) => resolve(endOf(code, signal))));
  const ready = new Promise<Ready>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('it is not ready after two minutes')), TIME_TO_BE_READY);
    child.on('message', (message) => {
      const read = Ready.safeParse(message);
      if (!read.success) return;
      clearTimeout(late);
      resolve(read.data);
    });
    child.once('exit', () => {
      clearTimeout(late);
      reject(new Error('ended before it was ready'));
    });
  });
  ready.catch(() => undefined);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  return {
    pid: child.pid ?? 0,
    ready,
    ended,
    async stop() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), TIME_TO_END);
      await ended;
      clearTimeout(force);
    },
  };
}
