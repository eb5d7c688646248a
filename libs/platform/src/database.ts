import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { Injectable, Optional } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import pg, { type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { DataSource, EntityManager, type QueryRunner } from 'typeorm';

import type { Actor } from './actor.js';
import { errorCode } from './error-code.js';
import { archived, notFound } from './errors.js';
import { Replica } from './replica.js';

// A day is a day: never an instant at some zone's midnight.
pg.types.setTypeParser(pg.types.builtins.DATE, (day) => day);

/** An open transaction; what reads or writes takes it first. */
export type Tx = EntityManager;

/**
 * What a transaction holds on to until its end: an operation, which the actor enters, shared among those that write records in it,
 * or alone for those that change the operation itself. So a phase can't move between a report's look at it and the report's commit.
 */
export interface Hold {
  readonly operationId: string;
  readonly alone?: boolean;
  /**
   * Whether its prepared statements are planned once per connection, whatever their values: where all of them find a few rows by keys, and
   * planning costs more than the work.
   */
  readonly plannedOnce?: boolean;
}

/** Somebody who looks into an operation: a person, or (`asPerson` false) the class of viewers that the person belongs to. */
export interface Looker {
  /** Null for a part of Muster, which sees nothing by itself. */
  readonly userId: string | null;
  readonly asPerson: boolean;
}

const MOST_TRIES = 6;

const NO_PART = 'ExecFindPartition';

const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

const PLANNED_ONCE = `set_config('plan_cache_mode', 'force_generic_plan', true)`;

/** Only the worker has a deputy; another role, such as the one that owns the tables, stays what it is. */
const AS_DEPUTY = `SELECT set_config('role', regexp_replace(session_user, '_worker$', '_deputy'), true)`;

/** The doors to PostgreSQL: every transaction of Muster begins and ends here, and carries its actor. */
@Injectable()
export class Database {
  constructor(
    @InjectDataSource() private readonly source: DataSource,
    @Optional() private readonly replica?: Replica,
  ) {}

  /**
   * Runs `work` in a transaction of its own and commits. A serialization failure or a deadlock runs the whole of `work` again,
   * so it must have no effects outside its transaction.
   */
  write<T>(actor: Actor, work: (tx: Tx) => Promise<T>, hold?: Hold): Promise<T> {
    return this.writing('BEGIN', actor, work, hold);
  }

  private async writing<T>(begin: string, actor: Actor, work: (tx: Tx) => Promise<T>, hold?: Hold): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.transaction(begin, actor, work, hold);
      } catch (error) {
        if (attempt >= MOST_TRIES || !isCollision(error)) throw error;
        await delay(Math.random() * 10 * 2 ** attempt);
      }
    }
  }

  /**
   * As {@link write}, for a part of Muster that acts for a person: the transaction takes on the role of the worker's deputy, which the policies of
   * the api bind. What the actor may do is judged as it stands now, by the database and as strictly as at the door.
   */
  writeFor<T>(actor: Actor, work: (tx: Tx) => Promise<T>, hold?: Hold): Promise<T> {
    return this.writing(`BEGIN; ${AS_DEPUTY}`, actor, work, hold);
  }

  /**
   * Asked once, at the start of what serves requests or works by itself.
   * @throws Error where row-level security would not hold for this process: its role could bypass it, or owns the tables
   */
  async assertBound(): Promise<void> {
    const [role] = await this.source.query<{ name: string; isFree: boolean }[]>(
      `SELECT current_user AS name, r.rolsuper OR r.rolbypassrls OR EXISTS (
         SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity AND pg_has_role(c.relowner, 'MEMBER')) AS "isFree"
       FROM pg_roles r WHERE r.rolname = current_user`,
    );
    if (!role?.isFree) return;
    throw new Error(
      `Row-level security does not hold for the database role ${role.name}: start api and worker with the URLs of their own roles ` +
        `(made by the console's command migrate from API_DATABASE_URL and WORKER_DATABASE_URL).`,
    );
  }

  /** Runs `work` on one snapshot of the database that nothing moves under it. */
  read<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.transaction(SNAPSHOT, actor, work);
  }

  /**
   * As {@link read}, on the replica where there is one that has caught up: the snapshot holds all that was acknowledged to anybody before the
   * actor's request came in, so that whoever wrote finds it, through whichever process. Else, and for an actor without such a point, on
   * the primary. Where the replica fails on the way, the whole of `work` runs again on the primary.
   */
  readAnywhere<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.readingAnywhere(SNAPSHOT, actor, work);
  }

  /** As {@link readAnywhere}, for a part of Muster that reads for a person: as the worker's deputy, as {@link writeFor} does. */
  readFor<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.readingAnywhere(`${SNAPSHOT}; ${AS_DEPUTY}`, actor, work);
  }

  private async readingAnywhere<T>(begin: string, actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    const { replica } = this;
    const runner = actor.logPoint === undefined ? undefined : await replica?.connectionAt(actor.logPoint);
    if (!replica || !runner) return this.transaction(begin, actor, work);
    try {
      return await this.transaction(begin, actor, work, undefined, runner);
    } catch (error) {
      if (!replica.isToBlame(error)) throw error;
      return this.transaction(begin, actor, work);
    }
  }

  private async transaction<T>(
    begin: string,
    actor: Actor,
    work: (tx: Tx) => Promise<T>,
    hold?: Hold,
    runner: QueryRunner = this.source.createQueryRunner(),
  ): Promise<T> {
    try {
      const client = await clientOf(runner);
      // Sent together with the first statement of `work`, without waiting for the answer: the connection answers in order.
      const first = `${begin}; ${actorSettings(client, actor)}${hold?.plannedOnce ? `, ${PLANNED_ONCE}` : ''}${hold ? `; ${holdStatement(client, hold)}` : ''}`;
      void sendLater(runner.manager, client, first);
      if (hold && actor.userId !== null)
        await enterOperation(runner.manager, { userId: actor.userId, asPerson: true }, hold.operationId);
      try {
        const result = await work(runner.manager);
        const commit = sendLater(runner.manager, client, 'COMMIT');
        await allSent(runner.manager);
        // To a COMMIT after an error that was caught on the way the server answers ROLLBACK, and nothing is stored.
        if ((await commit).command !== 'COMMIT')
          throw new Error('The transaction had failed before it was to be committed.');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined); // a broken connection has rolled back by itself
        // What was sent without waiting may have failed first, and everything after it only because of that.
        const first = await allSent(runner.manager).then(
          () => error,
          (earlier: unknown) => earlier,
        );
        throw actor.userId === null ? first : toldTo(first);
      }
    } finally {
      await runner.release();
    }
  }
}

/** What is kept with a transaction: the statements that it waits for before it has committed. */
interface Kept {
  sent?: Promise<unknown>[];
  /** Who has entered which operation. */
  entered?: string;
}

const ENTER = `SELECT set_config('muster.user_id', $1, true), enter_operation($2, $3)`;

/**
 * Enters an operation: from here on, and until another is entered, the transaction sees the records of this one that the looker may
 * see. The database itself works out how the looker stands in it, and row-level security asks for that.
 */
export async function enterOperation(tx: Tx, { userId, asPerson }: Looker, operationId: string): Promise<void> {
  const entered = `${operationId} ${asPerson} ${userId}`;
  const kept = keptWith(tx);
  if (kept.entered === entered) return;
  kept.entered = entered;
  const client = await clientIn(tx);
  void sendLater(tx, client, { name: nameOf(ENTER), text: ENTER, values: [userId ?? '', operationId, asPerson] });
}

/** Tells listeners on a channel something, once the transaction has committed; the same said twice is told once. */
export async function notify(tx: Tx, channel: string, payload: string): Promise<void> {
  const client = await clientIn(tx);
  const text = `SELECT pg_notify($1, $2)`;
  void sendLater(tx, client, { name: nameOf(text), text, values: [channel, payload] });
}

/**
 * Adds a statement to what the transaction waits for before it has committed. Its result is nobody's; where it fails, the transaction
 * fails with its error, and the server refuses everything after it, COMMIT included.
 */
function sendLater(tx: Tx, client: PoolClient, statement: string | QueryConfig): Promise<QueryResult> {
  gatherWrites(client);
  const answer = client.query(statement);
  answer.catch(() => undefined); // it is waited for in `allSent`
  (keptWith(tx).sent ??= []).push(answer);
  return answer;
}

/** What is written to the connection in this turn of the event loop goes out in one packet: writes cost more than statements. */
function gatherWrites(client: PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  stream.cork();
  setImmediate(() => stream.uncork());
}

function keptWith(tx: Tx): Kept {
  if (!tx.queryRunner) throw new Error('A statement runs inside a transaction.');
  return tx.queryRunner.data;
}

/**
 * Does work in an open transaction and takes back all that it wrote: what it gives tells what would come of it.
 * @throws what a statement of it says that was sent without waiting, too; the transaction is then over
 */
export async function rehearse<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  const client = await clientIn(tx);
  await client.query('SAVEPOINT rehearsal');
  const result = await work();
  await allSent(tx);
  await client.query('ROLLBACK TO SAVEPOINT rehearsal');
  return result;
}

/** Waits for all that was sent. @throws the first error among it */
async function allSent(tx: Tx): Promise<void> {
  for (const statement of keptWith(tx).sent ?? []) await statement;
}

// Simple protocol on purpose: begin, actor and lock go in one round trip, and the lock is had before the first statement of
// `work` takes its snapshot.
function actorSettings(client: PoolClient, actor: Actor): string {
  const user = client.escapeLiteral(actor.userId ?? '');
  const part = client.escapeLiteral(actor.part ?? '');
  return `SELECT set_config('muster.user_id', ${user}, true), set_config('muster.part', ${part}, true)`;
}

function holdStatement(client: PoolClient, { operationId, alone }: Hold): string {
  const lock = alone ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  return `SELECT ${lock}(hashtextextended(${client.escapeLiteral(operationId)}, 1))`;
}

async function clientOf(runner: QueryRunner): Promise<PoolClient> {
  return (await runner.connect()) as PoolClient;
}

/**
 * A row that a policy refuses: the person's rights have ended since the request began, or a country has withdrawn meanwhile. What was to be
 * written is not theirs to know any more.
 */
function isRefusedRow(error: unknown): boolean {
  return errorCode(error) === '42501';
}

/** What a person is told of a statement that the database refused. */
function toldTo(error: unknown): unknown {
  if (isOfArchived(error)) return archived();
  return isRefusedRow(error) ? notFound() : error;
}

/** A row of an operation that is being archived, or has no parts any more to hold it. */
function isOfArchived(error: unknown): boolean {
  const code = errorCode(error);
  // The routine of the server that looks for a row's part: its text is in the language of the server.
  return code === 'MU410' || (code === '23514' && error instanceof pg.DatabaseError && error.routine === NO_PART);
}

function isCollision(error: unknown): boolean {
  const code = errorCode(error);
  return code === '40001' || code === '40P01';
}

const names = new Map<string, string>();

/**
 * Runs a statement that the server parses and plans once per connection. For statements of a fixed text only: each text stays
 * prepared as long as its connection lives.
 */
export async function prepared<Row extends QueryResultRow>(
  tx: Tx,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const client = await clientIn(tx);
  const result: QueryResult<Row> = await client.query<Row>({ name: nameOf(text), text, values: [...values] });
  return result.rows;
}

/**
 * Runs a statement that enters operations by itself, one after the other: a function over a list of them, whose actor is the transaction's.
 * Whoever goes on in one operation enters it again.
 */
export function acrossOperations<Row extends QueryResultRow>(
  tx: Tx,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  delete keptWith(tx).entered;
  return prepared<Row>(tx, text, values);
}

function nameOf(text: string): string {
  const name = names.get(text) ?? createHash('sha1').update(text).digest('base64url');
  names.set(text, name);
  return name;
}

function clientIn(tx: Tx): Promise<PoolClient> {
  if (!tx.queryRunner) throw new Error('A statement runs inside a transaction.');
  return clientOf(tx.queryRunner);
}

/** Runs a statement whose text depends on the request, such as a filter. */
export async function query<Row>(tx: Tx, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = await clientIn(tx);
  return (await client.query(text, [...values])).rows as Row[];
}

/** A row to be written: column names as in the table, values as JSON would hold them (decimals as strings). */
export type NewRow = Readonly<Record<string, unknown>>;

/** The text of a multi-row INSERT, whose one value is the rows as JSON; all must have the columns of the first. */
function insertion(table: string, columns: readonly string[]): string {
  const list = columns.map((column) => `"${column}"`).join(', ');
  return `INSERT INTO "${table}" (${list}) SELECT ${list} FROM jsonb_populate_recordset(NULL::"${table}", $1::jsonb)`;
}

/**
 * Writes a list of rows in one statement, without waiting for it: it is on its way together with what follows, and the transaction
 * fails with its error if it does.
 * @param suffix what follows the rows in the statement, such as `ON CONFLICT DO NOTHING`
 */
export async function insertRows(tx: Tx, table: string, rows: readonly NewRow[], suffix = ''): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const text = `${insertion(table, Object.keys(first))} ${suffix}`;
  const client = await clientIn(tx);
  void sendLater(tx, client, { name: nameOf(text), text, values: [JSON.stringify(rows)] });
}

/** Gathers the values of a statement whose text is built in parts; each gets the next placeholder. */
export class Values {
  readonly list: unknown[] = [];

  /** The placeholder of a value, with its SQL type where PostgreSQL could not tell. */
  of(value: unknown, type?: string): string {
    this.list.push(value);
    return type ? `$${this.list.length}::${type}` : `$${this.list.length}`;
  }
}
