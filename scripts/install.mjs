import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';
import { step } from './step.mjs';

/** The Node.js that everything compiled runs on, whatever the machine's own is. */
export const nodeOf = (root) =>
  join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes its own account of what it installed as the last
 * thing of an install, so an install that was cut off reads as missing.
 */
export function isInstalled(root) {
  const account = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(account) || !existsSync(nodeOf(root))) return false;
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(account);
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional, link }]) => {
    if (path === '' || link) return true;
    const found = present[path];
    // What is optional is absent on purpose where it is made for another platform.
    if (!found) return Boolean(optional || devOptional);
    return found.version === version && found.integrity === integrity;
  });
}

/**
 * Installs exactly what package-lock.json names. Development packages too, also with NODE_ENV=production: the compiler and
 * Node.js itself are among them.
 */
export function install(root) {
  // The npm and Node.js of the machine: the ones in node_modules are about to be replaced.
  const ownFolder = join(root, 'node_modules') + sep;
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(ownFolder));
  const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts=false', '--no-audit', '--no-fund'];
  return run('npm', args, {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    shell: process.platform === 'win32',
  });
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  if (!isInstalled(root)) {
    await step('Installing packages', () => install(root)).catch((error) => {
      console.error(error.message);
      process.exitCode = 1;
    });
  }
}
