import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const A_DAY = 24 * 60 * 60 * 1000;

/** Takes away what runs left that were killed, a day after: until then somebody may want to look at it. */
export async function sweep() {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith('muster-test-'));
  for (const path of names.map((name) => join(tmpdir(), name))) {
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > A_DAY) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}
