import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installClamav } from './install-clamav.mjs';
import { installPostgres } from './install-postgres.mjs';
import { installRedis } from './install-redis.mjs';
import { sweep } from './sweep.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Tests end with their machine: what a loss of power would cost is not their question, and they run much faster so. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Where commits are to be as durable as those of a real start: `MUSTER_TEST_DURABLE=1`. */
const settings = process.env.MUSTER_TEST_DURABLE ? {} : FAST;

/**
 * Builds what is not built, and starts one PostgreSQL for the whole run, with a migrated template that each test file has
 * its own database made from.
 */
export default async function globalSetup() {
  const { build, isBuilt } = await import('../../scripts/build.mjs');
  if (!isBuilt(root)) await build(root);
  installRedis();
  installClamav();
  installPostgres();
  await sweep();
  const { EmbeddedPostgres } = await import('../../dist/apps/launcher/postgres/embedded-postgres.js');
  const folder = await mkdtemp(join(tmpdir(), `muster-test-${process.pid}-`));
  const postgres = await EmbeddedPostgres.prepare(folder, { say: () => undefined, settings });
  const life = await postgres.begin();
  globalThis.musterTest = { folder, life, adminUrl: postgres.adminUrl };
  // What the log says of a failed start is more use than that it failed.
  await Promise.race([life.ready, life.ended.then(({ how }) => Promise.reject(new Error(`PostgreSQL ${how}`)))]);
  await makeTemplate(postgres.adminUrl, postgres.url);
  process.env.MUSTER_TEST_ADMIN_URL = postgres.adminUrl;
  process.env.MUSTER_TEST_URL = postgres.url;
}

async function makeTemplate(adminUrl, url) {
  const { default: pg } = await import('pg');
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query('create database muster_template owner muster');
    await migrate(url.replace(/[^/]*$/, 'muster_template'));
    // A connection to the template would stop a database from being made of it.
    await admin.query('alter database muster_template with is_template true allow_connections false');
  } finally {
    await admin.end();
  }
}

async function migrate(databaseUrl) {
  const { roleUrls } = await import('../../dist/apps/launcher/role-urls.js');
  const { api, worker } = roleUrls(databaseUrl);
  const console = join(root, 'dist', 'apps', 'console', 'main.js');
  const env = {
    ...process.env,
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    DATABASE_URL: databaseUrl,
    API_DATABASE_URL: api,
    WORKER_DATABASE_URL: worker,
  };
  await promisify(execFile)(process.execPath, [console, 'migrate'], { env });
}
