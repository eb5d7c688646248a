import pg from 'pg';
import { Audit, Readings, Verification } from '#audit';
import { type Actor, Clock, Database, partOfMuster, readConfig } from '#platform';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';

import { HeadSigner } from '../../libs/audit/src/chain/head-signer.js';
import { Sealer } from '../../libs/audit/src/chain/sealer.js';
import { SigningKey } from '../../libs/audit/src/chain/signing-key.js';
import { testDatabase } from './database.js';

/** Everything of the audit log on a database of its own, and somebody who may do with its tables what nobody is meant to do. */
export interface AuditHouse {
  readonly source: DataSource;
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly readings: Readings;
  readonly sealer: Sealer;
  readonly signer: HeadSigner;
  readonly verification: Verification;
  /** Another sealer, as another worker has one. */
  anotherSealer(): Sealer;
  /** The id of an operation that has its parts of the tables, and no row. */
  open(): Promise<string>;
  /** Writes entries of an operation, each about a subject of its own. */
  append(operationId: string | null, count: number, actor?: Actor): Promise<void>;
  /** Runs statements as a superuser whom no trigger stops. */
  tamper(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openAuditHouse(): Promise<AuditHouse> {
  const own = await testDatabase();
  const source = await new DataSource({ type: 'postgres', url: own.url, poolSize: 20 }).initialize();
  const adminUrl = (process.env.MUSTER_TEST_ADMIN_URL ?? '').replace(/[^/]*$/, own.name);
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`SET session_replication_role = replica`);
  const database = new Database(source);
  const clock = new Clock();
  const audit = new Audit(clock);
  const config = readConfig({ DATABASE_URL: own.url });
  return {
    source,
    database,
    clock,
    audit,
    readings: new Readings(database, clock, audit),
    sealer: new Sealer(database, clock),
    signer: new HeadSigner(database, clock, new SigningKey(config, clock)),
    verification: new Verification(database),
    anotherSealer: () => new Sealer(database, clock),
    async open() {
      const id = v7();
      await source.query(`SELECT open_parts($1)`, [id]);
      return id;
    },
    append: async (operationId, count, actor = partOfMuster('test')) => {
      await database.write(actor, (tx) =>
        audit.append(
          tx,
          actor,
          ...Array.from({ length: count }, (_, index) => ({
            operationId,
            action: 'test.done',
            subjectId: v7(),
            version: index + 1,
            details: { reason: 'Für Łódź 🚢', index },
          })),
        ),
      );
    },
    async tamper(sql, values = []) {
      return (await admin.query(sql, [...values])).rows as Record<string, unknown>[];
    },
    async close() {
      await admin.end();
      await source.destroy();
      await own.drop();
    },
  };
}
