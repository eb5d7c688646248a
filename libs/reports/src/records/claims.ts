import { badInput, MusterError, prepared, type Tx } from '#platform';

export interface Claim {
  /** Made by the sender: UUIDv7. */
  readonly id: string;
  readonly operationId: string;
  readonly country: string;
  readonly hash: string;
  readonly kind: 'violation' | 'seizure';
}

/** A claim by its id, as it was made first. */
export interface ClaimedRecord {
  readonly operation_id: string;
  readonly country: string;
  readonly content_hash: Buffer;
  readonly kind: 'violation' | 'seizure';
}

/** Claims an id once and for all; true only for the first who claims it. */
export async function claim(tx: Tx, { id, operationId, country, hash, kind }: Claim): Promise<boolean> {
  const rows = await prepared(tx, `SELECT id FROM claim_records($1, $2, $3) AS id`, [
    operationId,
    kind,
    JSON.stringify([{ id, country, hash }]),
  ]);
  return rows.length > 0;
}

/** Finds which operation a record belongs to, by its id alone. */
async function findRecord(tx: Tx, id: string): Promise<ClaimedRecord | undefined> {
  const [row] = await prepared<ClaimedRecord & { readonly [column: string]: unknown }>(
    tx,
    `SELECT operation_id, country, content_hash, kind FROM claimed_record($1)`,
    [id],
  );
  return row;
}

/**
 * The operation of a record, for a look at the record itself. An id that nobody claimed is looked for as well, in an operation that
 * there is not: what is absent and what is hidden take the same steps.
 */
export async function operationOf(tx: Tx, id: string): Promise<string> {
  return (await findRecord(tx, id))?.operation_id ?? id;
}

/**
 * Judges an id that was claimed before: a repeat passes, as the same content from the same country.
 * @throws BAD_USER_INPUT where another country has it, which is told nothing more; CONFLICT where the content is another
 */
export async function judgeRepeat(tx: Tx, claim: Claim): Promise<void> {
  const before = await findRecord(tx, claim.id);
  if (before?.country !== claim.country) throw unusableId();
  if (`\\x${before.content_hash.toString('hex')}` !== claim.hash || before.kind !== claim.kind) {
    throw new MusterError(
      'CONFLICT',
      'This id was used for other content. Send the report with a new id if it is another one.',
    );
  }
}

/** The answer to an id that can't be used, whoever has it. */
export function unusableId(): MusterError {
  return badInput([{ path: 'input.id', rule: 'unusable', message: 'This id is not usable: make a new one.' }]);
}
