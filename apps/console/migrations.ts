import { DataSource } from 'typeorm';

import { CreateAttachments1700000013000 } from '../../migrations/1700000013000-create-attachments.js';
import { CreateAuditChain1700000012000 } from '../../migrations/1700000012000-create-audit-chain.js';
import { CreateFeed1700000003000 } from '../../migrations/1700000003000-create-feed.js';
import { CreateIdentity1700000002000 } from '../../migrations/1700000002000-create-identity.js';
import { CreateOperations1700000004000 } from '../../migrations/1700000004000-create-operations.js';
import { CreatePlatform1700000000000 } from '../../migrations/1700000000000-create-platform.js';
import { CreateProtectedFigures1700000014000 } from '../../migrations/1700000014000-create-protected-figures.js';
import { CreateReference1700000001000 } from '../../migrations/1700000001000-create-reference.js';
import { CreateReports1700000006000 } from '../../migrations/1700000006000-create-reports.js';
import { CreateSignIn1700000011000 } from '../../migrations/1700000011000-create-sign-in.js';
import { CreateTrends1700000005000 } from '../../migrations/1700000005000-create-trends.js';
import { CreateViewers1700000010000 } from '../../migrations/1700000010000-create-viewers.js';
import { CreateCeilingsAndRetention1700000016000 } from '../../migrations/1700000016000-create-ceilings-and-retention.js';
import { CreateSharedRecords1700000017000 } from '../../migrations/1700000017000-create-shared-records.js';
import { PartitionOperations1700000018000 } from '../../migrations/1700000018000-partition-operations.js';
import { CreateImports1700000019000 } from '../../migrations/1700000019000-create-imports.js';
import { SecureRows1700000020000 } from '../../migrations/1700000020000-secure-rows.js';

/** All migrations, oldest first. */
const MIGRATIONS = [
  CreatePlatform1700000000000,
  CreateReference1700000001000,
  CreateIdentity1700000002000,
  CreateFeed1700000003000,
  CreateOperations1700000004000,
  CreateTrends1700000005000,
  CreateReports1700000006000,
  CreateViewers1700000010000,
  CreateSignIn1700000011000,
  CreateAuditChain1700000012000,
  CreateAttachments1700000013000,
  CreateProtectedFigures1700000014000,
  CreateCeilingsAndRetention1700000016000,
  CreateSharedRecords1700000017000,
  PartitionOperations1700000018000,
  CreateImports1700000019000,
  SecureRows1700000020000,
];

async function withSource<T>(databaseUrl: string, work: (source: DataSource) => Promise<T>): Promise<T> {
  const source = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    migrations: MIGRATIONS,
    migrationsTableName: 'migrations',
  });
  await source.initialize();
  try {
    // Several processes may start at once, and only one of them migrates.
    await source.query(`SELECT pg_advisory_lock(hashtextextended('muster migrations', 0))`);
    return await work(source);
  } finally {
    await source.destroy();
  }
}

/** Brings the database to the newest schema, in one transaction. */
export async function migrateUp(databaseUrl: string): Promise<readonly string[]> {
  return withSource(databaseUrl, async (source) => {
    const done = await source.runMigrations({ transaction: 'all' });
    return done.map(({ name }) => name);
  });
}

/** Takes back every migration, newest first. */
export async function migrateDown(databaseUrl: string): Promise<void> {
  await withSource(databaseUrl, async (source) => {
    for (let left = MIGRATIONS.length; left > 0; left--) await source.undoLastMigration({ transaction: 'each' });
  });
}
