import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const isThere = (program) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some(
    (folder) => folder !== '' && existsSync(join(folder, program)),
  );

/**
 * Installs a Debian package where its program is missing and this process may. Where it can't be installed, the tests with it are
 * skipped and say so.
 * @param program what is looked for
 * @param name of the package
 * @param what the tests that need it are about
 */
export function installPackage(program, name, what) {
  if (isThere(program) || process.getuid?.() !== 0 || !isThere('apt-get')) return;
  console.log(`Installing ${name} for the tests ${what} …`);
  const apt = (...args) =>
    execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', name);
  } catch (error) {
    console.warn(`${name} can't be installed (${error.stderr || error.message}); tests ${what} are skipped.`);
  }
}
