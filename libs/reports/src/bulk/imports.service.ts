import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Feed } from '#feed';
import { enter, isInside, lookInto, standingIn } from '#identity';
import { Operations } from '#operations';
import {
  type Actor,
  Clock,
  Database,
  errorCode,
  Faults,
  forbidden,
  insertRows,
  MusterError,
  notFound,
  Outbox,
  prepared,
  query,
  type Tx,
} from '#platform';
import { checkUuidV7, ReferenceService } from '#reference';
import { z } from 'zod';

import { OBJECT_STORE, type ObjectStore } from '../attachments/object-store.js';
import { OpenedLinks } from '../attachments/opened-links.js';
import { SealedLinks } from '../attachments/sealed-links.js';
import { unusableId } from '../records/claims.js';
import { fingerprint } from '../records/fingerprint.js';
import { refuseOutsider } from '../records/reportable.js';
import { ReportsWake } from '../seizures/reports-wake.js';
import type { Import, ImportMapping, ImportTemplate } from './import.js';
import type { ImportReportsInput } from './import.inputs.js';
import { hasErrorsFile, type ImportRow, wordImport } from './import-row.js';
import { type ImportUpload, ImportUploads } from './import-uploads.service.js';
import { FileFormat } from './job.js';
import { layOut, readMapping } from './mapping.js';
import { openSheet } from './open-sheet.js';
import { REFUSED_PATH } from './refused-file.js';
import { templateOf } from './template.js';

/** Imports of a country in an operation that wait or run; each has a worker for minutes. */
const MOST_WAITING = 5;
const COME_BACK_SECONDS = 60;
/** Imports told in a list, the newest first. */
const MOST_TOLD = 100;

const UNIQUE_VIOLATION = '23505';

/** What a link to refused rows stands for. */
const Claims = z.object({ session: z.uuid(), refusedRowsOf: z.uuid() });

/** A file of refused rows, for whoever opened a link to it. */
export interface RefusedRowsFile {
  readonly id: string;
  readonly format: FileFormat;
  readonly fileName: string;
  readonly size: number;
  readonly sha256: Buffer;
}

/** Imports of spreadsheets: begun by a coordinator, told to the coordinators of the country, and done by the worker. */
@Injectable()
export class Imports {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly operations: Operations,
    private readonly reference: ReferenceService,
    private readonly uploads: ImportUploads,
    private readonly links: SealedLinks,
    private readonly opened: OpenedLinks,
    private readonly audit: Audit,
    private readonly feed: Feed,
    private readonly outbox: Outbox,
    private readonly wake: ReportsWake,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  /**
   * Begins the import of a file that was uploaded. Sent again it gets the import as it is now.
   * @throws NOT_FOUND, FORBIDDEN; BAD_USER_INPUT with each wrong column; CONFLICT where the id was used before; UNAVAILABLE where too many wait
   */
  async begin(actor: Actor, input: ImportReportsInput): Promise<Import> {
    const { operationId } = input;
    const standing = standingIn(actor, operationId);
    if (!isInside(standing)) return this.database.read(actor, (tx) => refuseOutsider(tx, actor, operationId));
    if (standing.coordinates.length === 0) throw forbidden('Files are imported by national coordinators.');
    const faults = new Faults();
    const id = checkUuidV7(input.id);
    if (!id.ok) faults.add('input.id', id.rule, id.message);
    const mapping = input.mapping ? readMapping(faults, input.mapping) : null;
    if (mapping && input.format === FileFormat.NDJSON) {
      faults.add('input.mapping', 'format', 'NDJSON has the names of the template: leave the mapping out.');
    }
    const { id: _id, operationId: _operation, mapping: _mapping, ...said } = input;
    // The mapping as text: a constant of it may have a decimal's name, and is none.
    const commandHash = fingerprint({ ...said, mapping: JSON.stringify(mapping) });
    const found = await this.lookUp(actor, input);
    if (found.before) return this.assertSame(actor, found.before, commandHash);
    if (found.country === null) faults.add('input.agencyId', 'agency', 'Name an agency of your country.');
    if (!found.upload?.isDone) {
      faults.add('input.uploadId', 'upload', 'Upload a file to /imports/upload first, whole, as yourself.');
    } else if (faults.none) {
      await this.judgeFile(faults, input.format, found.upload, mapping);
    }
    faults.throwIfAny();
    const row = await this.store(actor, input, mapping, commandHash, found.country ?? '', found.upload?.fileName ?? '');
    this.wake.soon();
    return row;
  }

  /** @throws NOT_FOUND where it is absent or not the actor's to see */
  find(actor: Actor, id: string): Promise<Import> {
    return this.database.read(actor, async (tx) => this.word(tx, actor, await seen(tx, actor, id)));
  }

  /** The imports of the actor's countries in an operation, the newest first. */
  list(actor: Actor, operationId: string): Promise<Import[]> {
    return this.database.read(actor, async (tx) => {
      await enter(tx, actor, operationId);
      const rows = await query<ImportRow>(
        tx,
        `SELECT * FROM imports WHERE operation_id = $1 ORDER BY created_at DESC, id DESC LIMIT ${MOST_TOLD}`,
        [operationId],
      );
      const told: Import[] = [];
      for (const row of rows) told.push(await this.word(tx, actor, row));
      return told;
    });
  }

  /** What the country's files were last read with; null for who does not coordinate it. */
  mappingOf(actor: Actor, country: string): Promise<ImportMapping | null> {
    return this.database.read(actor, async (tx) => {
      const [row] = await prepared<{ mapping: ImportMapping | null }>(tx, `SELECT import_mapping_of($1) AS mapping`, [
        country,
      ]);
      return row?.mapping ?? null;
    });
  }

  async template(actor: Actor, operationId: string, format: FileFormat): Promise<ImportTemplate> {
    const operation = await this.database.read(actor, async (tx) => {
      await enter(tx, actor, operationId);
      return this.operations.byId(tx, operationId);
    });
    return templateOf(format, this.reference, operation.operationalStartsOn);
  }

  /**
   * What a link to refused rows stands for, judged anew: the session must last, and its person still coordinate the country.
   * @throws NOT_FOUND in every other case
   */
  async openErrors(link: string): Promise<RefusedRowsFile> {
    const { claims, actor } = await this.opened.open(link, Claims);
    return this.database.write(actor, async (tx) => {
      const row = await seen(tx, actor, claims.refusedRowsOf);
      if (!hasErrorsFile(row)) throw notFound();
      await this.audit.append(tx, actor, {
        operationId: row.operation_id,
        action: 'import.refused-rows-read',
        subjectId: row.id,
      });
      const { id, format, errors_size: size, errors_sha256: sha256 } = row;
      return { id, format, fileName: errorsName(row), size, sha256 };
    });
  }

  /** The import of this id, if it was begun before; otherwise the file and the country. */
  private lookUp(
    actor: Actor,
    { operationId, id, uploadId, agencyId }: ImportReportsInput,
  ): Promise<{ before?: ImportRow; country: string | null; upload?: ImportUpload | undefined }> {
    return this.database.read(actor, async (tx) => {
      const { coordinates } = await lookInto(tx, actor, operationId);
      const before = await rowOf(tx, operationId, id);
      if (before) return { before, country: before.country };
      const [agency] = await prepared<{ country: string }>(tx, `SELECT country FROM agencies WHERE id = $1`, [
        agencyId,
      ]);
      const upload = await this.uploads.findIn(tx, actor, operationId, uploadId).catch((error: unknown) => {
        if (error instanceof MusterError) return undefined;
        throw error;
      });
      const country = agency && coordinates.includes(agency.country) ? agency.country : null;
      return { country, upload };
    });
  }

  /** Whether the file can be read at all, and has the columns that it is said to have. */
  private async judgeFile(
    faults: Faults,
    format: FileFormat,
    { id }: ImportUpload,
    mapping: ImportMapping | null,
  ): Promise<void> {
    await this.objects.prepare();
    const sheet = await openSheet(format, () => this.objects.read('imports', id));
    try {
      if (format !== FileFormat.NDJSON) layOut(faults, sheet.header, mapping);
    } finally {
      await sheet.close();
    }
  }

  private async store(
    actor: Actor,
    input: ImportReportsInput,
    mapping: ImportMapping | null,
    commandHash: string,
    country: string,
    fileName: string,
  ): Promise<Import> {
    const { operationId, id } = input;
    const stored = this.database.write(
      actor,
      async (tx) => {
        // Those of one country wait for each other here, so that no two of them are the last that may come.
        await query(tx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 6))`, [`${operationId} ${country}`]);
        const before = await rowOf(tx, operationId, id);
        if (before) return this.assertSame(actor, before, commandHash);
        await assertRoom(tx, operationId, country);
        await insertRows(tx, 'imports', [
          {
            operation_id: operationId,
            id,
            country,
            author_id: actor.userId,
            agency_id: input.agencyId,
            upload_id: input.uploadId,
            command_hash: commandHash,
            file_name: fileName,
            format: input.format,
            dry_run: input.dryRun,
            exercise: input.exercise,
            mapping,
            sharing: input.sharing,
            status: 'WAITING',
            rows_read: 0,
            rows_taken: 0,
            rows_repeated: 0,
            rows_refused: 0,
            created_at: this.clock.now(),
          },
        ]);
        await this.outbox.owe(tx, [{ kind: 'import.run', operationId, country, subjectId: id }]);
        await this.audit.append(tx, actor, {
          operationId,
          action: 'import.begun',
          subjectId: id,
          details: { uploadId: input.uploadId, dryRun: input.dryRun },
        });
        await this.feed.tell(tx, operationId, { kind: 'import.begun', subjectId: id, country });
        const row = await rowOf(tx, operationId, id);
        if (!row) throw notFound();
        return wordImport(row);
      },
      { operationId },
    );
    return stored.catch((error: unknown) => {
      // Another country's, or that of another operation: it is told nothing more.
      throw errorCode(error) === UNIQUE_VIOLATION ? unusableId() : error;
    });
  }

  private assertSame(actor: Actor, row: ImportRow, commandHash: string): Promise<Import> {
    if (`\\x${row.command_hash.toString('hex')}` !== commandHash || row.author_id !== actor.userId) {
      throw new MusterError('CONFLICT', 'This id was used for another import: make a new one.');
    }
    return this.find(actor, row.id);
  }

  private async word(tx: Tx, actor: Actor, row: ImportRow): Promise<Import> {
    if (!hasErrorsFile(row)) return wordImport(row);
    const { url } = await this.links.make(tx, actor, REFUSED_PATH, { refusedRowsOf: row.id });
    return wordImport(row, url);
  }
}

async function rowOf(tx: Tx, operationId: string, id: string): Promise<ImportRow | undefined> {
  const [row] = await query<ImportRow>(tx, `SELECT * FROM imports WHERE operation_id = $1 AND id = $2`, [
    operationId,
    id,
  ]);
  return row;
}

/** An import by its id alone. What is absent and what is hidden take the same steps. */
async function seen(tx: Tx, actor: Actor, id: string): Promise<ImportRow> {
  const [named] = await prepared<{ id: string | null }>(tx, `SELECT import_named($1) AS id`, [id]);
  const operationId = named?.id ?? id;
  await lookInto(tx, actor, operationId);
  const row = await rowOf(tx, operationId, id);
  if (!row) throw notFound();
  return row;
}

async function assertRoom(tx: Tx, operationId: string, country: string): Promise<void> {
  const [row] = await prepared<{ waiting: number }>(
    tx,
    `SELECT count(*)::int AS waiting FROM imports WHERE operation_id = $1 AND country = $2 AND finished_at IS NULL`,
    [operationId, country],
  );
  if ((row?.waiting ?? 0) < MOST_WAITING) return;
  throw new MusterError('UNAVAILABLE', `At most ${MOST_WAITING} imports of a country wait at once: come back later.`, {
    retryAfterSeconds: COME_BACK_SECONDS,
  });
}

function errorsName({ file_name: name, format }: ImportRow): string {
  return `${name.replace(/\.[^.]*$/, '')}-refused.${format.toLowerCase()}`;
}
