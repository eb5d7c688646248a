import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { ERRORS, type Lock, type Locker } from '@tus/server';
import { lookInto } from '#identity';
import { type Actor, type Database, query } from '#platform';

/** A lock ends by itself this long after its process was last heard of. */
const LEASE_SECONDS = 6;
const RENEW_MS = 1_000;
/** How often it is asked whether whoever uploads still may. */
const ASK_EVERY_MS = 5_000;
/** Longer than a lease, so that an upload whose process died can be gone on with in one request. */
const LONGEST_WAIT_MS = 10_000;
const LOOK_MS = 200;

/** A refusal in the form that the tus server answers with. */
export class TusRefusal extends Error {
  readonly status_code: number;

  constructor({ status_code: status, body }: { readonly status_code: number; readonly body: string }) {
    super(body);
    this.status_code = status;
  }

  get body(): string {
    return this.message;
  }
}

/** A table of uploads, each with the columns of its lock. */
export type LockTable = 'attachment_uploads' | 'import_uploads';

/** Who holds a lock, and whether they still may. */
export interface LockHolder {
  readonly table: LockTable;
  readonly actor: Actor;
  readonly operationId: string;
  readonly stillMay: () => Promise<boolean>;
}

/**
 * Locks uploads for one request at a time, over all processes: a lease in the upload's row, renewed while the request lives. Not a lock
 * of the database's own, which would hold a connection as long as somebody with a bad line sends a photo.
 */
export class UploadLocker implements Locker {
  constructor(
    private readonly database: Database,
    private readonly holder: LockHolder,
  ) {}

  newLock(id: string): Lock {
    return new UploadLock(this.database, this.holder, id);
  }
}

class UploadLock implements Lock {
  private readonly lockId = randomUUID();
  private renewal: NodeJS.Timeout | undefined;
  private askedAt = Date.now();

  constructor(
    private readonly database: Database,
    private readonly holder: LockHolder,
    private readonly uploadId: string,
  ) {}

  async lock(stopped: AbortSignal, stopRequest: () => Promise<void> | void): Promise<void> {
    const end = Date.now() + LONGEST_WAIT_MS;
    while (!(await this.take())) {
      if (stopped.aborted || Date.now() > end) throw new TusRefusal(ERRORS.ERR_LOCK_TIMEOUT);
      await delay(LOOK_MS);
    }
    this.later(stopRequest);
  }

  async unlock(): Promise<void> {
    clearTimeout(this.renewal);
    this.renewal = undefined;
    await this.run(
      `UPDATE ${this.holder.table} SET lock_id = NULL, locked_until = NULL, is_wanted = false WHERE id = $1 AND lock_id = $2`,
    );
  }

  /** Takes the lock, or asks its holder to let go: a request that hangs on a dead line is not to hold up the next. */
  private async take(): Promise<boolean> {
    const taken = await this.run(
      `UPDATE ${this.holder.table} SET lock_id = $2, locked_until = now() + interval '${LEASE_SECONDS} seconds', is_wanted = false
       WHERE id = $1 AND (lock_id IS NULL OR locked_until < now()) RETURNING id`,
    );
    if (taken.length > 0) return true;
    await this.run(`UPDATE ${this.holder.table} SET is_wanted = true WHERE id = $1 AND lock_id <> $2`);
    const present = await this.run(
      `SELECT is_wanted FROM ${this.holder.table} WHERE id = $1 AND ended_at IS NULL AND $2::uuid IS NOT NULL`,
    );
    if (present.length === 0) throw new TusRefusal(ERRORS.FILE_NOT_FOUND);
    return false;
  }

  private later(stopRequest: () => Promise<void> | void): void {
    this.renewal = setTimeout(() => {
      void this.mayGoOn()
        .catch(() => true) // the database is away: the lease runs on, and the next look tells
        .then((mayGoOn) => {
          if (this.renewal === undefined) return undefined;
          if (!mayGoOn) return stopRequest();
          return this.later(stopRequest);
        });
    }, RENEW_MS);
  }

  private async mayGoOn(): Promise<boolean> {
    const [held] = await this.run(
      `UPDATE ${this.holder.table} SET locked_until = now() + interval '${LEASE_SECONDS} seconds'
       WHERE id = $1 AND lock_id = $2 AND ended_at IS NULL RETURNING is_wanted`,
    );
    if (!held || held.is_wanted) return false;
    if (Date.now() - this.askedAt < ASK_EVERY_MS) return true;
    this.askedAt = Date.now();
    return this.holder.stillMay();
  }

  private run(statement: string): Promise<{ is_wanted: boolean }[]> {
    const { actor, operationId } = this.holder;
    return this.database.write(actor, async (tx) => {
      await lookInto(tx, actor, operationId);
      return query<{ is_wanted: boolean }>(tx, statement, [this.uploadId, this.lockId]);
    });
  }
}
