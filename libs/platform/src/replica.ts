import { setTimeout as delay } from 'node:timers/promises';

import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { PoolClient, QueryResultRow } from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';

import { CONFIG, type Config } from './config.js';
import { errorCode } from './error-code.js';
import { MusterError } from './errors.js';
import { isUnavailable } from './unavailable.js';

/**
 * SQL for where the server's log ends: whatever was acknowledged to anybody before, by whichever process, lies before this point. Null on a
 * standby. Where commits do not wait for the disk they are acknowledged before they are written out.
 */
export const LOG_POINT = `CASE WHEN NOT pg_is_in_recovery() THEN
  (CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END)::text END`;

/** How long a reading waits for the replica to have caught up, in milliseconds; the primary would have answered by then. */
const LONGEST_WAIT = 100;
/** After one waited in vain nobody waits for so long, in milliseconds; whether the replica has caught up is still asked. */
const NO_WAIT = 2_000;
/** Bytes of log that are not caught up with within a wait. */
const FAR_BEHIND = 64 * 1024 * 1024;
/** How long a replica is left alone that is far behind, is none, or can't be reached; in milliseconds. */
const REST = 5_000;
/** How long the replica may take to accept a connection, and to say where it stands; in milliseconds. */
const PATIENCE = 1_000;

/** What became of the readings that the replica might have answered. */
export interface ReplicaReadings {
  /** It answered. */
  replica: number;
  /** The primary did, as the replica had not caught up with what the reader may know of. */
  behind: number;
  /** The primary did, as the replica could not be used. */
  away: number;
}

/** How far the replica is behind its primary. */
export interface ReplicaLag {
  readonly bytes: number;
  readonly seconds: number;
}

interface Stand {
  readonly isStandby: boolean;
  /** How many bytes of log are missing to the point that was asked for; 0 or less: none. */
  readonly missing: string | null;
}

/**
 * The standby that answers readings. It is never an error that it is behind, down, or has become the primary: then the primary answers.
 * Behind its URL there may be several: each connection leads to one, and is asked by itself how far that one is.
 */
@Injectable()
export class Replica implements OnApplicationShutdown {
  private readonly logger = new Logger(Replica.name);
  readonly readings: ReplicaReadings = { replica: 0, behind: 0, away: 0 };
  private opening: Promise<DataSource> | undefined;
  private restsUntil = 0;
  private isImpatientUntil = 0;
  private isUsed = true;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @InjectDataSource() private readonly primary: DataSource,
  ) {}

  /** Whether the settings name one. */
  get isGiven(): boolean {
    return this.config.replicaUrl !== undefined;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.opening?.then((source) => source.destroy()).catch(() => undefined);
  }

  /**
   * A connection to the replica on which every transaction from now on sees all that was acknowledged before the point; it has to be
   * released. Undefined where the primary has to answer. A log is replayed in one direction only, so what was reached stays reached.
   */
  async connectionAt(point: string): Promise<QueryRunner | undefined> {
    if (!this.isGiven) return undefined;
    const runner = performance.now() < this.restsUntil ? undefined : await this.connection();
    if (!runner) {
      this.readings.away++;
      return undefined;
    }
    const way = await this.wait(await connected(runner), point).catch((error: unknown) => {
      this.leaveAlone(error);
      return 'away' as const;
    });
    this.readings[way]++;
    if (way === 'replica') {
      this.useAgain();
      return runner;
    }
    await runner.release();
    return undefined;
  }

  /** Whether an error of a reading is the replica's own, so that the primary is to be asked. */
  isToBlame(error: unknown): boolean {
    if (error instanceof MusterError) return false;
    const code = errorCode(error);
    // What was read had to give way to what is replayed; that says nothing of the next reading.
    if (code === '40001' || code === '40P01') return true;
    // It took too long, and would on the primary.
    if (code === '57014' || !isUnavailable(error)) return false;
    this.leaveAlone(error);
    return true;
  }

  /** How far it is behind now; undefined where that can't be told, or not soon. */
  async lag(): Promise<ReplicaLag | undefined> {
    try {
      const [{ point } = { point: null }] = await this.primary.query<{ point: string | null }[]>(
        `SELECT ${LOG_POINT} AS point`,
      );
      const runner = (await this.open()).createQueryRunner();
      const statement = `SELECT greatest(0, pg_wal_lsn_diff($1, pg_last_wal_replay_lsn())) AS bytes,
        extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 AS seconds WHERE pg_is_in_recovery()`;
      const lag = await connected(runner)
        .then((client) => askSoon<{ bytes: string | null; seconds: number | null }>(client, statement, [point]))
        .finally(() => runner.release());
      if (!lag || lag.bytes === null) return undefined;
      const bytes = Number(lag.bytes);
      return { bytes, seconds: bytes === 0 ? 0 : (lag.seconds ?? 0) };
    } catch {
      return undefined;
    }
  }

  private async connection(): Promise<QueryRunner | undefined> {
    try {
      const runner = (await this.open()).createQueryRunner();
      await runner.connect();
      return runner;
    } catch (error) {
      this.leaveAlone(error);
      return undefined;
    }
  }

  /** Looks until the replica has reached the point or the time is over. */
  private async wait(client: PoolClient, point: string): Promise<keyof ReplicaReadings> {
    const end = performance.now() < this.isImpatientUntil ? 0 : performance.now() + LONGEST_WAIT;
    for (let pause = 1; ; pause *= 2) {
      const { isStandby, missing } = await look(client, point);
      if (!isStandby || missing === null) {
        this.leaveAlone(new Error('it is no standby'));
        return 'away';
      }
      if (Number(missing) <= 0) return 'replica';
      if (Number(missing) > FAR_BEHIND) {
        this.leaveAlone(new Error(`it is ${missing} bytes behind`));
        return 'behind';
      }
      if (performance.now() + pause > end) {
        if (end > 0) this.isImpatientUntil = performance.now() + NO_WAIT;
        return 'behind';
      }
      await delay(pause);
    }
  }

  private leaveAlone(error: unknown): void {
    this.restsUntil = performance.now() + REST;
    if (this.isUsed) this.logger.warn(`The reading replica is left alone, and the primary answers: ${String(error)}`);
    this.isUsed = false;
  }

  private useAgain(): void {
    if (!this.isUsed) this.logger.log('The reading replica is used again.');
    this.isUsed = true;
  }

  private open(): Promise<DataSource> {
    this.opening ??= this.begin().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  /** A pool of its own, so that nobody waits behind readings of the primary; made when it is first needed, as the replica may be down. */
  private async begin(): Promise<DataSource> {
    const { options } = this.primary;
    const extra: unknown = options.extra;
    const source = new DataSource({
      ...options,
      url: this.config.replicaUrl,
      extra: { ...(extra as object), connectionTimeoutMillis: PATIENCE },
    } as typeof options);
    await source.initialize();
    try {
      const [here, there] = await Promise.all([this.primary, source].map(clusterOf));
      if (here !== there) throw new Error('it is a standby of another database');
      return source;
    } catch (error) {
      await source.destroy();
      throw error;
    }
  }
}

/** What a primary and its standbys have in common, and no other server has. */
async function clusterOf(source: DataSource): Promise<string | undefined> {
  const [row] = await source.query<{ id: string }[]>(`SELECT system_identifier::text AS id FROM pg_control_system()`);
  return row?.id;
}

async function connected(runner: QueryRunner): Promise<PoolClient> {
  return (await runner.connect()) as PoolClient;
}

const STAND = `SELECT pg_is_in_recovery() AS "isStandby", pg_wal_lsn_diff($1, pg_last_wal_replay_lsn())::text AS missing`;

/** A statement of its own before the transaction: its snapshot must not be older than the answer. */
async function look(client: PoolClient, point: string): Promise<Stand> {
  return (await askSoon<Stand>(client, STAND, [point])) ?? { isStandby: false, missing: null };
}

/** The one row that a server tells of itself. @throws where it does not answer in time; the connection is then closed */
async function askSoon<Row extends QueryResultRow>(
  client: PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<Row | undefined> {
  const statement = {
    name: text === STAND ? 'replica-stand' : undefined,
    text,
    values: [...values],
    query_timeout: PATIENCE,
  };
  try {
    const [row] = (await client.query<Row>(statement)).rows;
    return row;
  } catch (error) {
    // A server that did not answer in time may answer later, and then to another question.
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    throw error;
  }
}
