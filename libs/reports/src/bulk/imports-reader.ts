import { Injectable, type OnModuleInit } from '@nestjs/common';
import { FeedReaders } from '#feed';
import { query, type Tx } from '#platform';

import type { Import } from './import.js';
import { type ImportRow, wordImport } from './import-row.js';

const KINDS = ['import.begun', 'import.progressed', 'import.finished'];

/** Words events about imports: the import as it stands, to the coordinators of its country alone. */
@Injectable()
export class ImportsReader implements OnModuleInit {
  constructor(private readonly readers: FeedReaders) {}

  onModuleInit(): void {
    this.readers.register({
      kinds: KINDS,
      read: (tx, _viewer, operationId, ids) => read(tx, operationId, ids),
      wording: () => 'coordinator',
    });
  }
}

async function read(tx: Tx, operationId: string, ids: readonly string[]): Promise<ReadonlyMap<string, Import>> {
  const rows = await query<ImportRow>(tx, `SELECT * FROM imports WHERE operation_id = $1 AND id = ANY($2::uuid[])`, [
    operationId,
    ids,
  ]);
  return new Map(rows.map((row) => [row.id, wordImport(row)]));
}
