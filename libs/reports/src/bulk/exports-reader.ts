import { Injectable, type OnModuleInit } from '@nestjs/common';
import { FeedReaders } from '#feed';
import { query, type Tx } from '#platform';

import type { Export } from './export.js';
import { type ExportRow, wordExport } from './export-row.js';

const KINDS = ['export.begun', 'export.progressed', 'export.finished'];

/** Words events about exports: the export as it stands, to its author alone. */
@Injectable()
export class ExportsReader implements OnModuleInit {
  constructor(private readonly readers: FeedReaders) {}

  onModuleInit(): void {
    this.readers.register({
      kinds: KINDS,
      read: (tx, _viewer, operationId, ids) => read(tx, operationId, ids),
      wording: () => 'author',
    });
  }
}

async function read(tx: Tx, operationId: string, ids: readonly string[]): Promise<ReadonlyMap<string, Export>> {
  const rows = await query<ExportRow>(tx, `SELECT * FROM exports WHERE operation_id = $1 AND id = ANY($2::uuid[])`, [
    operationId,
    ids,
  ]);
  return new Map(rows.map((row) => [row.id, wordExport(row)]));
}
