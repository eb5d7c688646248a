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

/** Claims ids of one operation once and for all; gives those that nobody claimed before. */
export async function claimAll(tx: Tx, claims: readonly Claim[]): Promise<ReadonlySet<string>> {
  const [first] = claims;
  if (!first) return new Set();
  const rows = await prepared<{ id: string }>(tx, `SELECT id FROM claim_records($1, $2, $3) AS id`, [
    first.operationId,
    first.kind,
    JSON.stringify(claims.map(({ id, country, hash }) => ({ id, country, hash }))),
  ]);
  return new Set(rows.map(({ id }) => id));
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
export async function judgeRepeat(tx: Tx, claim: Claim): Promise<void> {
  const outcome = (await judgeRepeats(tx, [claim])).get(claim.id);
  if (outcome !== 'REPEATED') throw outcome ?? unusableId();
}

/** As {@link judgeRepeat}, of several reports of one kind: that each is a repeat, or the error that it is none. */
export async function judgeRepeats(
  tx: Tx,
  claims: readonly Claim[],
): Promise<ReadonlyMap<string, 'REPEATED' | MusterError>> {
  const [first] = claims;
  if (!first) return new Map();
  const rows = await prepared<{ id: string; standing: Standing | null }>(
    tx,
    `SELECT c.id, claim_standing(c.id, c.country, c.hash::bytea, $2) AS standing
     FROM jsonb_to_recordset($1) AS c (id uuid, country text, hash text)`,
    [JSON.stringify(claims.map(({ id, country, hash }) => ({ id, country, hash }))), first.kind],
  );
  return new Map(rows.map(({ id, standing }) => [id, outcomeOf(standing)]));
}

function outcomeOf(standing: Standing | null): 'REPEATED' | MusterError {
  if (standing === 'REPEAT') return 'REPEATED';
  if (standing !== 'OTHER') return unusableId();
  return new MusterError(
    'CONFLICT',
    'This id was used for other content. Send the report with a new id if it is another one.',
  );
}

/** The answer to an id that can't be used, whoever has it. */
export function unusableId(): MusterError {
  return badInput([{ path: 'input.id', rule: 'unusable', message: 'This id is not usable: make a new one.' }]);
}
