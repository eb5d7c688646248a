import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackage } from './install-package.mjs';

/** Installs Debian's redis-server. There is no npm package with a Redis in it. */
export function installRedis() {
  installPackage('redis-server', 'redis-server', 'on Redis');
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) installRedis();
