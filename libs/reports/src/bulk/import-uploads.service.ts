import { Inject, Injectable, Logger } from '@nestjs/common';
import { isInside, lookInto, standingIn } from '#identity';
import { type Actor, badInput, Clock, Database, type FieldFault, forbidden, notFound, query, type Tx } from '#platform';
import { v7, validate } from 'uuid';

import { OBJECT_STORE, type ObjectStore } from '../attachments/object-store.js';
import type { BroughtUpload, UploadKeeper, UploadMetadata } from '../attachments/tus-door.js';
import { refuseOutsider } from '../records/reportable.js';

/** Bytes of a file of reports. */
export const LARGEST_FILE = 200 * 1024 * 1024;
/** Uploads of one person that may be under way at once: two devices, and a start that was forgotten. */
const MOST_AT_ONCE = 3;
/** Files of one person that wait to be imported, or were. */
const MOST_KEPT = 20;
const LONGEST_NAME = 300;

/** The upload of a file of reports, by whoever brings it. */
export interface ImportUpload extends BroughtUpload {
  readonly fileName: string;
  readonly sha256: Buffer;
}

interface UploadRow {
  readonly id: string;
  readonly operation_id: string;
  readonly file_name: string;
  readonly size: number;
  readonly sha256: Buffer;
  readonly sealed_at: Date | null;
}

/** Brings files of reports in, for coordinators; each is theirs alone who brought it. */
@Injectable()
export class ImportUploads implements UploadKeeper<ImportUpload> {
  readonly table = 'import_uploads';
  private readonly logger = new Logger(ImportUploads.name);

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  faultsOf({ operationId, name, sha256 }: UploadMetadata): FieldFault[] {
    const path = 'Upload-Metadata';
    const hasName = typeof name === 'string' && name.trim() !== '' && name.length <= LONGEST_NAME;
    return [
      ...(validate(operationId) ? [] : [{ path, rule: 'operationId', message: 'Name the operation.' }]),
      ...(hasName ? [] : [{ path, rule: 'name', message: `Name the file, in at most ${LONGEST_NAME} characters.` }]),
      ...(/^[0-9a-f]{64}$/i.test(sha256 ?? '')
        ? []
        : [{ path, rule: 'sha256', message: 'Give its SHA-256 in 64 hexadecimal digits.' }]),
    ];
  }

  /**
   * Begins the upload of a file that may then be imported.
   * @throws NOT_FOUND, FORBIDDEN; BAD_USER_INPUT where it is too large
   */
  async begin(actor: Actor, metadata: UploadMetadata, size: number): Promise<ImportUpload> {
    const operationId = metadata.operationId?.toLowerCase() ?? '';
    const standing = standingIn(actor, operationId);
    if (!isInside(standing)) return this.database.read(actor, (tx) => refuseOutsider(tx, actor, operationId));
    if (standing.coordinates.length === 0) throw forbidden('Files are imported by national coordinators.');
    if (size < 1 || size > LARGEST_FILE) {
      const message = `A file has 1 to ${LARGEST_FILE} bytes: send it in parts.`;
      throw badInput([{ path: 'Upload-Length', rule: 'size', message }]);
    }
    const upload: ImportUpload = {
      id: v7(),
      operationId,
      size,
      isDone: false,
      fileName: (metadata.name ?? '').trim(),
      sha256: Buffer.from(metadata.sha256 ?? '', 'hex'),
    };
    const ended = await this.database.write(actor, async (tx) => {
      await lookInto(tx, actor, operationId);
      const old = await endOldest(tx, actor, operationId, this.clock.now());
      await query(
        tx,
        `INSERT INTO import_uploads (operation_id, id, user_id, file_name, size, sha256, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [operationId, upload.id, actor.userId, upload.fileName, size, upload.sha256, this.clock.now()],
      );
      return old;
    });
    // At once, so that whoever begins again and again fills no disk.
    for (const each of ended) await this.tidy(actor, { ...upload, ...each });
    return upload;
  }

  /** An upload of the actor's own. @throws NOT_FOUND */
  find(actor: Actor, id: string): Promise<ImportUpload> {
    return this.database.read(actor, async (tx) => {
      const [named] = await query<{ id: string | null }>(tx, `SELECT import_upload_named($1) AS id`, [id]);
      return this.findIn(tx, actor, named?.id ?? id, id);
    });
  }

  /** As {@link find}, in an open transaction. */
  async findIn(tx: Tx, actor: Actor, operationId: string, id: string): Promise<ImportUpload> {
    const standing = await lookInto(tx, actor, operationId);
    const [row] = await query<UploadRow>(
      tx,
      `SELECT id, operation_id, file_name, size, sha256, sealed_at FROM import_uploads
       WHERE operation_id = $1 AND id = $2 AND user_id = $3 AND ended_at IS NULL`,
      [operationId, id, actor.userId],
    );
    if (!row || standing.coordinates.length === 0) throw notFound();
    const { file_name: fileName, size, sha256, sealed_at: sealedAt } = row;
    return { id, operationId, fileName, size, sha256, isDone: sealedAt !== null };
  }

  async finish(actor: Actor, { id, operationId, size, sha256 }: ImportUpload): Promise<boolean> {
    const content = await this.objects.readUpload(id);
    if (!content) return (await this.find(actor, id)).isDone;
    const isRight = await this.objects.keep('imports', id, { content, size, sha256 });
    const changed = await this.database.write(actor, async (tx) => {
      await lookInto(tx, actor, operationId);
      const column = isRight ? 'sealed_at' : 'ended_at';
      return query(
        tx,
        `UPDATE import_uploads SET ${column} = $2 WHERE id = $1 AND sealed_at IS NULL AND ended_at IS NULL RETURNING id`,
        [id, this.clock.now()],
      );
    });
    // Of two requests that find it whole at one instant the second changes nothing; one that was ended meanwhile is not there any more.
    if (isRight && changed.length === 0) await this.find(actor, id);
    return isRight;
  }

  /** What is left of it in pieces goes; of one that was ended, the file too. */
  async tidy(actor: Actor, { id, operationId }: Pick<ImportUpload, 'id' | 'operationId'>): Promise<void> {
    await this.clear(actor, id, operationId).catch((error: unknown) =>
      this.logger.warn(`An upload is not cleared: ${String(error)}`),
    );
  }

  /** Ends an upload on the sender's word. */
  async end(actor: Actor, { id, operationId }: ImportUpload): Promise<void> {
    await this.database.write(actor, async (tx) => {
      await lookInto(tx, actor, operationId);
      await query(tx, `UPDATE import_uploads SET ended_at = $2 WHERE id = $1 AND sealed_at IS NULL`, [
        id,
        this.clock.now(),
      ]);
    });
    await this.clear(actor, id, operationId);
  }

  /** Removes what is left of an upload that is whole or has ended, as far as the actor may. */
  async clear(actor: Actor, id: string, operationId: string): Promise<void> {
    const [row] = await this.database.read(actor, async (tx) => {
      await lookInto(tx, actor, operationId);
      return query<{ is_sealed: boolean; is_ended: boolean }>(
        tx,
        `SELECT sealed_at IS NOT NULL AS is_sealed, ended_at IS NOT NULL AS is_ended FROM import_uploads WHERE id = $1`,
        [id],
      );
    });
    if (!row || (!row.is_sealed && !row.is_ended)) return;
    await this.objects.removeUpload(id);
    if (!row.is_ended) return;
    await this.objects.remove('imports', id);
    await this.database.write(actor, async (tx) => {
      await lookInto(tx, actor, operationId);
      await query(tx, `DELETE FROM import_uploads WHERE id = $1 AND ended_at IS NOT NULL`, [id]);
    });
  }
}

/** Makes room for one more: of those under way, and of the files that no import that still runs reads. */
async function endOldest(
  tx: Tx,
  { userId }: Actor,
  operationId: string,
  now: Date,
): Promise<{ id: string; operationId: string }[]> {
  return query<{ id: string; operationId: string }>(
    tx,
    `UPDATE import_uploads u SET ended_at = $2 WHERE u.user_id = $1 AND u.operation_id = $3 AND u.ended_at IS NULL AND (
       u.id IN (SELECT id FROM import_uploads WHERE user_id = $1 AND operation_id = $3 AND ended_at IS NULL AND sealed_at IS NULL
         ORDER BY created_at DESC, id DESC OFFSET ${MOST_AT_ONCE - 1})
       OR u.id IN (SELECT id FROM import_uploads k WHERE user_id = $1 AND operation_id = $3 AND ended_at IS NULL AND sealed_at IS NOT NULL
         AND NOT EXISTS (SELECT FROM imports i WHERE i.upload_id = k.id AND i.finished_at IS NULL)
         ORDER BY created_at DESC, id DESC OFFSET ${MOST_KEPT - 1}))
     RETURNING u.id, u.operation_id AS "operationId"`,
    [userId, now, operationId],
  );
}
