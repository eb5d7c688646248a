import { spawn } from 'node:child_process';
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StartFault } from '../start-fault.js';
import type { Binaries } from './binaries.js';
import { ADMIN } from './loopback.js';
import type { SystemUser } from './system-user.js';

interface NewCluster {
  readonly binaries: Binaries;
  /** The folder that the cluster will be. */
  readonly folder: string;
  readonly user: SystemUser | undefined;
  readonly adminPassword: string;
  /** Whether the new data has to outlast a loss of power. */
  readonly isDurable: boolean;
}

/** The environment of PostgreSQL's programs: none of the settings of whoever started Muster. */
export const POSTGRES_ENVIRONMENT = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };

/** Where the C library knows no C.UTF-8 (macOS), PostgreSQL's own gives the same order and letters. */
const LOCALE =
  process.platform === 'linux'
    ? ['--locale=C.UTF-8']
    : ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

/**
 * Makes a cluster beside its place, to be put there by {@link putInPlace} when it is whole: one that was cut off in the
 * middle can't be told from a whole one by looking.
 * @returns the folder it was made in
 */
export async function makeCluster(cluster: NewCluster): Promise<string> {
  const { folder, user, adminPassword } = cluster;
  await removeDrafts(folder);
  const draft = `${folder}.new`;
  const passwordFile = `${folder}.new.password`;
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, adminPassword, { mode: 0o600 });
  try {
    if (user) await Promise.all([draft, passwordFile].map((path) => chown(path, user.uid, user.gid)));
    await initialise(cluster, draft, passwordFile);
  } finally {
    await rm(passwordFile, { force: true });
  }
  return draft;
}

export const putInPlace = (draft: string, folder: string): Promise<void> => rename(draft, folder);

/** Takes away what a start left that ended while it made a cluster. */
async function removeDrafts(folder: string): Promise<void> {
  const start = `${basename(folder)}.new`;
  const names = (await readdir(dirname(folder))).filter((name) => name.startsWith(start));
  await Promise.all(names.map((name) => rm(join(dirname(folder), name), { recursive: true, force: true })));
}

function initialise({ binaries, user, isDurable }: NewCluster, draft: string, passwordFile: string): Promise<void> {
  const access = [`--username=${ADMIN}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const manner = ['--no-instructions', ...(isDurable ? [] : ['--no-sync'])];
  const child = spawn(binaries.initdb, [`--pgdata=${draft}`, '--encoding=UTF8', ...LOCALE, ...access, ...manner], {
    ...user,
    cwd: draft,
    env: POSTGRES_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new StartFault(`PostgreSQL's data can't be made:\n${Buffer.concat(printed).toString().trimEnd()}`));
    });
  });
}
