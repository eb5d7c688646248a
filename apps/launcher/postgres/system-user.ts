import { execFileSync } from 'node:child_process';
import { StartFault } from '../start-fault.js';

/** The user of the operating system that PostgreSQL runs as. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'postgres';

/**
 * The user that PostgreSQL has to run as: it refuses to run as root. Undefined where the own user will do.
 * @throws StartFault when this process is root and the user can't be made
 */
export function systemUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = find();
  if (found) return found;
  try {
    make();
  } catch (error) {
    const why = error instanceof Error ? error.message.trim() : String(error);
    throw new StartFault(
      `PostgreSQL does not run as root, and the system user ${NAME} for it can't be made (${why}). ` +
        'Start Muster as another user, make that user, or set DATABASE_URL.',
    );
  }
  const made = find();
  if (!made) throw new StartFault(`PostgreSQL does not run as root, and there is no system user ${NAME} for it.`);
  return made;
}

function find(): SystemUser | undefined {
  try {
    const [uid, gid] = ['-u', '-g'].map((what) =>
      Number(execFileSync('id', [what, NAME], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })),
    );
    return uid === undefined || gid === undefined ? undefined : { uid, gid };
  } catch {
    return undefined;
  }
}

function make(): void {
  const quietly = { stdio: ['ignore', 'ignore', 'pipe'] as const, encoding: 'utf8' as const };
  const groups = execFileSync('getent', ['group'], { encoding: 'utf8' });
  const group = groups.split('\n').some((line) => line.startsWith(`${NAME}:`)) ? ['--gid', NAME] : ['--user-group'];
  execFileSync('useradd', ['--system', ...group, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME], {
    ...quietly,
    stdio: [...quietly.stdio],
  });
}
