import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const isThere = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));

/**
 * Installs Debian's redis-server where it is missing and this process may. There is no npm package with a Redis in it. Where it
 * can't be installed, the tests on Redis are skipped and say so.
 */
export async function installRedis() {
  if (isThere('redis-server') || process.getuid?.() !== 0 || !isThere('apt-get')) return;
  console.log('Installing redis-server for the tests on Redis …');
  const apt = (...args) =>
    execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'redis-server');
  } catch (error) {
    console.warn(`redis-server can't be installed (${error.stderr || error.message}); tests on Redis are skipped.`);
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await installRedis();
