import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../setup/program.js';

interface Package {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Package>>;
};

// npm leaves out what its registry did not have when the lock was written, and `npm ci` then refuses the whole lock.
test('package-lock.json names each optional package of every platform, so that a fresh clone installs anywhere', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

test('package-lock.json names no registry of the machine that wrote it', () => {
  const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const hosts = new Set([...text.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map(([, host]) => host));
  expect([...hosts].filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
});
