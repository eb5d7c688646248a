import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installPackage } from './install-package.mjs';

/** Where Debian keeps the programs of each version of the server. */
const HOME = '/usr/lib/postgresql';

/** Installs Debian's PostgreSQL, for what the one from npm has no programs for: standbys. */
export function installPostgres() {
  const versions = existsSync(HOME) ? readdirSync(HOME) : [];
  if (versions.some((version) => existsSync(join(HOME, version, 'bin', 'initdb')))) return;
  installPackage('initdb', 'postgresql', 'on a standby of PostgreSQL');
}
