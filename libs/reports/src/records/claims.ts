import { badInput, MusterError, prepared, type Tx } from '#platform';

export interface Claim {
  /** Made by the sender: UUIDv7. */
  readonly id: string;
  readonly operationId: string;
  readonly country: string;
  readonly hash: string;
  readonly kind: 'violation' | 'seizure';
}

/** What an id was used for that is not free any more, as far as the country that wants it may know. */
type Standing = 'REPEAT' | 'OTHER' | 'TAKEN';

/** Claims an id once and for all; true only for the first who claims it. */
export async function claim(tx: Tx, { id, operationId, country, hash, kind }: Claim): Promise<boolean> {
  const rows = await prepared(tx, `SELECT id FROM claim_records($1, $2, $3) AS id`, [
    operationId,
    kind,
    JSON.stringify([{ id, country, hash }]),
  ]);
  return rows.length > 0;
}

/**
 * The operation of a record, for a look at the record itself. An id that nobody claimed is looked for as well, in an operation that
 * there is not: what is absent and what is hidden take the same steps.
 */
export async function operationOf(tx: Tx, id: string): Promise<string> {
  const [row] = await prepared<{ id: string | null }>(tx, `SELECT operation_of($1) AS id`, [id]);
  return row?.id ?? id;
}

/**
 * Judges an id that was claimed before: a repeat passes, as the same content from the same country.
 * @throws BAD_USER_INPUT where another country has it, which is told nothing more; CONFLICT where the content is another
 */
export async function judgeRepeat(tx: Tx, { id, country, hash, kind }: Claim): Promise<void> {
  const [row] = await prepared<{ standing: Standing | null }>(
    tx,
    `SELECT claim_standing($1, $2, $3::bytea, $4) AS standing`,
    [id, country, hash, kind],
  );
  if (row?.standing === 'OTHER') {
    throw new MusterError(
      'CONFLICT',
      'This id was used for other content. Send the report with a new id if it is another one.',
    );
  }
  if (row?.standing !== 'REPEAT') throw unusableId();
}

/** The answer to an id that can't be used, whoever has it. */
export function unusableId(): MusterError {
  return badInput([{ path: 'input.id', rule: 'unusable', message: 'This id is not usable: make a new one.' }]);
}
