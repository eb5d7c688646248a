import { type ArchivedChain, type ArchivedLink, type HeadRow, verifyArchivedChain } from '#audit';

import type { ArchivedRow, ArchiveFolder } from './archive-folder.js';
import { type Manifest, tableOf } from './manifest.js';

/** What was found in an archive. */
export interface Checked {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest, which the audit log of the database names. */
  readonly sha256: string;
  readonly rows: number;
  readonly entries: number;
  /** All that is wrong; of a whole archive there is nothing. */
  readonly faults: readonly string[];
}

/**
 * Verifies an archive from its files alone: each is read back, hashed and counted, and the chain of the audit log is worked out anew from its
 * entries and compared with the signed heads.
 * @throws Error where there is no finished archive
 */
export async function checkArchive(folder: ArchiveFolder): Promise<Checked> {
  const { manifest, sha256 } = await folder.manifest();
  const faults: string[] = [];
  for (const table of manifest.tables) {
    const fault = await folder.faultOf(table);
    if (fault !== undefined) faults.push(fault);
  }
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  if (faults.length > 0) return { manifest, sha256, rows, entries: 0, faults };
  const { entries, hash, fault } = await checkChain(folder, manifest);
  const { head } = manifest.audit;
  if (fault !== undefined) faults.push(`The chain of the audit log: ${fault}`);
  else if (entries !== head.seq || hash !== head.hash)
    faults.push('The chain of the audit log has another head than the manifest says');
  return { manifest, sha256, rows, entries, faults };
}

async function checkChain(folder: ArchiveFolder, manifest: Manifest): Promise<ArchivedChain> {
  const keys = new Map<string, Buffer>();
  for await (const row of folder.rows(tableOf(manifest, 'audit_keys')))
    keys.set(text(row, 'id'), bytes(row, 'public_key'));
  const heads: HeadRow[] = [];
  for await (const row of folder.rows(tableOf(manifest, 'audit_heads'))) heads.push(headOf(row, keys));
  try {
    return await verifyArchivedChain(manifest.audit.chain, links(folder, manifest), heads);
  } catch (error) {
    return { entries: 0, hash: '', fault: error instanceof Error ? error.message : String(error) };
  }
}

/** Seals and entries lie in the order of the chain, each in its file. */
async function* links(folder: ArchiveFolder, manifest: Manifest): AsyncGenerator<ArchivedLink> {
  const entries = folder.rows(tableOf(manifest, 'audit_entries'));
  for await (const seal of folder.rows(tableOf(manifest, 'audit_seals'))) {
    const next = await entries.next();
    const entry = next.done ? undefined : next.value;
    if (!entry || entry['id'] !== seal['entry_id'])
      throw new Error(`The entry ${text(seal, 'entry_id')} is not in its place.`);
    yield {
      seq: Number(text(seal, 'seq')),
      sealedAt: instant(seal, 'sealed_at'),
      hash: bytes(seal, 'hash'),
      entry: {
        id: text(entry, 'id'),
        at: instant(entry, 'at'),
        actor_id: entry['actor_id'] ?? null,
        part: entry['part'] ?? null,
        action: text(entry, 'action'),
        subject_id: entry['subject_id'] ?? null,
        version: typeof entry['version'] === 'string' ? Number(entry['version']) : null,
        details: text(entry, 'details'),
      },
    };
  }
}

function headOf(row: ArchivedRow, keys: ReadonlyMap<string, Buffer>): HeadRow {
  return {
    chain: text(row, 'chain'),
    signed_at: new Date(instant(row, 'signed_at')),
    seq: text(row, 'seq'),
    hash: bytes(row, 'hash'),
    nonce: bytes(row, 'nonce'),
    signature: bytes(row, 'signature'),
    public_key: keys.get(text(row, 'key_id')) ?? null,
  };
}

function text(row: ArchivedRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`A row of the archive has no ${column}.`);
  return value;
}

function bytes(row: ArchivedRow, column: string): Buffer {
  return Buffer.from(text(row, column).replace(/^\\x/, ''), 'hex');
}

/** PostgreSQL's `2026-03-01 08:00:00.12+00`, as it stands in what is hashed: `2026-03-01T08:00:00.120000Z`. */
function instant(row: ArchivedRow, column: string): string {
  const [date = '', time = ''] = text(row, column).replace(/\+00$/, '').split(' ');
  const [seconds = '', fraction = ''] = time.split('.');
  return `${date}T${seconds}.${fraction.padEnd(6, '0')}Z`;
}
