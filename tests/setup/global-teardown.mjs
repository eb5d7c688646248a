import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Ends the run's PostgreSQL. Its data stays when a failed test left its database to be looked at. */
export default async function globalTeardown() {
  const { folder, life, adminUrl } = globalThis.musterTest ?? {};
  if (!life) return;
  const kept = await keptDatabases(adminUrl);
  await life.stop();
  if (kept.length === 0) return rm(folder, { recursive: true, force: true });
  await rm(join(folder, 'postgres.log'), { force: true });
  console.log(
    `Kept for a look: ${kept.join(', ')}\nStart them with \`npm run test:look -- ${folder}\`; remove the folder after it.`,
  );
}

async function keptDatabases(adminUrl) {
  const { default: pg } = await import('pg');
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const { rows } = await admin.query(`select datname from pg_database where datname like 'test\\_%' order by 1`);
    return rows.map(({ datname }) => datname);
  } finally {
    await admin.end();
  }
}
