import { fileURLToPath } from 'node:url';
import { Muster } from './muster.js';
import { say } from './say.js';
import { readSettings } from './settings.js';
import { StartFault } from './start-fault.js';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
// What started the launcher is gone.
process.on('disconnect', () => stop.abort());
// The reader of what is printed may end first (`npm start | head`): no reason to end, or to leave the parts alone.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

/** Runs Muster until it is told to end, and gives the exit code. */
async function run(): Promise<number> {
  let muster: Muster | undefined;
  try {
    const settings = readSettings(process.env, fileURLToPath(new URL('../../../', import.meta.url)));
    muster = new Muster(settings, fileURLToPath(new URL('../', import.meta.url)), stop.signal);
    await muster.begin();
    await new Promise((resolve) => {
      stop.signal.addEventListener('abort', resolve, { once: true });
      if (stop.signal.aborted) resolve(undefined);
    });
  } catch (error) {
    if (!stop.signal.aborted) {
      const why = error instanceof StartFault ? error.message : error instanceof Error ? error.stack : String(error);
      process.stderr.write(`Muster cannot start.\n${why}\n`);
      return 1;
    }
  } finally {
    await muster?.end();
  }
  say('Muster has ended.');
  return 0;
}

process.exit(await run());
