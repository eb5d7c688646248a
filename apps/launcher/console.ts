import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { readCredentials } from './postgres/credentials.js';
import { LOOPBACK, MUSTER } from './postgres/loopback.js';
import { readSettings } from './settings.js';

// Runs a command of the console on the database of this clone: the embedded one of a running Muster, or that of DATABASE_URL.
const root = fileURLToPath(new URL('../../../', import.meta.url));

async function databaseUrl(): Promise<string> {
  const { databaseUrl: given, dataDir } = readSettings(process.env, root);
  if (given !== undefined) return given;
  const credentials = await readCredentials(dataDir);
  if (!credentials)
    throw new Error(`${dataDir} holds no database yet: start Muster with npm start first, or give DATABASE_URL.`);
  return `postgres://${MUSTER}:${credentials.password}@${LOOPBACK}:${credentials.port}/${MUSTER}`;
}

async function run(): Promise<number> {
  const script = fileURLToPath(new URL('../console/main.js', import.meta.url));
  const child = spawn(process.execPath, [script, ...process.argv.slice(2)], {
    stdio: 'inherit',
    // The launcher has read the file, if there is one: the value takes the place of its path.
    env: { ...process.env, DATABASE_URL_FILE: '', DATABASE_URL: await databaseUrl() },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

try {
  process.exitCode = await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
