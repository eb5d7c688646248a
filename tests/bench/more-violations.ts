import type { ClientBase } from 'pg';

/**
 * Adds violations to an operation that was filled: copies of some that it has, with ids and feed positions of their own, in records, lines,
 * ledger, feed and its head alike, so that a recount still agrees.
 * @param client one connection in no transaction
 */
export async function addViolations(client: ClientBase, operationId: string, count: number): Promise<void> {
  const operation = client.escapeLiteral(operationId);
  await client.query('BEGIN');
  await client.query(
    `CREATE TEMP TABLE more ON COMMIT DROP AS
     SELECT f.record_id AS source, f.position AS source_position, gen_random_uuid() AS id, h.position + row_number() OVER (ORDER BY f.position) AS position
     FROM feed_heads h JOIN figures f ON f.operation_id = h.operation_id JOIN violations v ON v.operation_id = f.operation_id AND v.id = f.record_id
     WHERE h.operation_id = ${operation} AND v.version = 1 ORDER BY f.position LIMIT $1`,
    [count],
  );
  for (const [table, source, changed] of [
    ['violations', 't.id = m.source', { id: 'm.id' }],
    ['violation_lines', 't.violation_id = m.source', { violation_id: 'm.id' }],
    ['figures', 't.position = m.source_position', { record_id: 'm.id', position: 'm.position' }],
    ['figure_lines', 't.position = m.source_position', { position: 'm.position' }],
    ['feed_events', 't.position = m.source_position', { subject_id: 'm.id', position: 'm.position' }],
  ] as const) {
    await client.query(await copies(client, table, operation, source, changed));
  }
  await client.query(
    `UPDATE feed_heads SET position = (SELECT max(position) FROM more) WHERE operation_id = ${operation}`,
  );
  await client.query('COMMIT');
}

async function copies(
  client: ClientBase,
  table: string,
  operation: string,
  source: string,
  changed: Readonly<Record<string, string>>,
): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' AND is_identity = 'NO'`,
    [table],
  );
  const names = rows.map(({ name }) => name);
  return `INSERT INTO ${table} (${names.join(', ')}) SELECT ${names.map((name) => changed[name] ?? `t.${name}`).join(', ')}
    FROM more m JOIN ${table} t ON t.operation_id = ${operation} AND ${source} ORDER BY m.position`;
}
