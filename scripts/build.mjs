import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeOf } from './install.mjs';
import { run } from './run.mjs';

const SOURCES = ['apps', 'libs', 'migrations', 'tests/bench'];
const SETTINGS = ['.swcrc', 'package.json', 'package-lock.json', 'scripts/build.mjs'];
const STAMP = 'sources.sha256';

/** A hash over all that the build reads. Contents, not times: a fresh clone and a change of branch give the right answer. */
function hashOfSources(root) {
  const files = SOURCES.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const hash = createHash('sha256');
  for (const file of [...files.sort(), ...SETTINGS.map((name) => join(root, name))]) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** Whether dist was built from the sources as they are now. */
export function isBuilt(root) {
  const stamp = join(root, 'dist', STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOfSources(root);
}

/**
 * Compiles apps, libs and migrations to dist. Built beside it and put in its place at the end: a part of a running Muster
 * that is started again in that moment finds a whole dist, the old or the new.
 */
export async function build(root) {
  const hash = hashOfSources(root);
  const workshop = join(root, 'node_modules', '.cache', `muster-build-${process.pid}`);
  const [made, old] = [join(workshop, 'new'), join(workshop, 'old')];
  mkdirSync(workshop, { recursive: true });
  try {
    const swc = join(root, 'node_modules', '@swc', 'cli', 'bin', 'swc.js');
    const sources = SOURCES.filter((folder) => existsSync(join(root, folder)));
    await run(nodeOf(root), [swc, ...sources, '--out-dir', made, '--copy-files', '--quiet'], { cwd: root });
    writeFileSync(join(made, STAMP), hash);
    putInPlace(made, join(root, 'dist'), old);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** Again where another build put its own in place between the two steps. */
function putInPlace(made, place, old) {
  for (let tries = 3; ; tries -= 1) {
    rmSync(old, { recursive: true, force: true });
    if (existsSync(place)) renameSync(place, old);
    try {
      return renameSync(made, place);
    } catch (error) {
      if (tries === 0 || !['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    }
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  if (!isBuilt(root)) {
    await build(root).catch((error) => {
      console.error(error.message);
      process.exitCode = 1;
    });
  }
}
