import { chmod, chown, lstat, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, StartFault } from '../start-fault.js';
import type { SystemUser } from './system-user.js';

const READ = 4;
const PASS = 1;

interface Owned {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** What a user may do with a file, as three bits: owner, group and others exclude each other, as the system has it. */
function rightsOf({ uid, gid }: SystemUser, file: Owned): number {
  if (file.uid === uid) return (file.mode >> 6) & 7;
  if (file.gid === gid) return (file.mode >> 3) & 7;
  return file.mode & 7;
}

/**
 * Lets a user pass through a folder and every one above it. A clone may lie under a folder that is closed to all others
 * (`mktemp -d`, a home directory). The least is done: a folder whose group has no rights is given to the user's group, with
 * the right to pass and nothing else; only where the group has rights of its own, others get the right to pass.
 * @returns the folders that were changed
 * @throws StartFault naming the folder, when it can't be changed
 */
export async function openWay(path: string, user: SystemUser): Promise<string[]> {
  const changed: string[] = [];
  for (const folder of foldersDownTo(await realpath(path))) {
    const found = await stat(folder);
    if (rightsOf(user, found) & PASS) continue;
    try {
      await letPass(folder, found, user);
    } catch (error) {
      throw new StartFault(
        `PostgreSQL runs as the system user postgres, who can't pass through ${folder}, and that can't be changed ` +
          `(${codeOf(error)}). Allow it, set DATA_DIR to a folder that is open to it, or set DATABASE_URL.`,
      );
    }
    changed.push(folder);
  }
  return changed;
}

function foldersDownTo(path: string): string[] {
  const folders: string[] = [];
  for (let folder = path; ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) return folders;
  }
}

async function letPass(folder: string, found: Owned, user: SystemUser): Promise<void> {
  const mode = found.mode & 0o7777;
  if (found.uid === user.uid) return chmod(folder, mode | 0o100);
  if (found.gid === user.gid) return chmod(folder, mode | 0o010);
  if ((mode & 0o070) !== 0) return chmod(folder, mode | 0o001);
  await chown(folder, found.uid, user.gid);
  await chmod(folder, mode | 0o010);
}

/**
 * Lets a user read everything below a folder, and run what its owner may run: a package that was installed with umask 077.
 * @returns whether anything had to be changed
 */
export async function openTree(folder: string, user: SystemUser): Promise<boolean> {
  const found = await lstat(folder);
  if (found.isSymbolicLink()) return false;
  const wanted = READ | (found.mode & 0o100 ? PASS : 0);
  const isClosed = (rightsOf(user, found) & wanted) !== wanted;
  // For all: what a public package holds is no secret.
  if (isClosed) await chmod(folder, (found.mode & 0o7777) | wanted | (wanted << 3));
  if (!found.isDirectory()) return isClosed;
  const below = await Promise.all((await readdir(folder)).map((name) => openTree(join(folder, name), user)));
  return isClosed || below.includes(true);
}
