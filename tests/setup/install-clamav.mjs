import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const isThere = (program) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some(
    (folder) => folder !== '' && existsSync(join(folder, program)),
  );

/**
 * Installs Debian's clamav-daemon where it is missing and this process may. No signatures are fetched: a test gives clamd its own. Where
 * it can't be installed, the tests with a virus scanner are skipped and say so.
 */
export async function installClamav() {
  if (isThere('clamd') || process.getuid?.() !== 0 || !isThere('apt-get')) return;
  console.log('Installing clamav-daemon for the tests with a virus scanner …');
  const apt = (...args) =>
    execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'clamav-daemon');
  } catch (error) {
    console.warn(`clamav-daemon can't be installed (${error.stderr || error.message}); its tests are skipped.`);
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await installClamav();
