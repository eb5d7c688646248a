import type { Saying } from './load.js';
import { seizure } from './reports.js';
import type { Stage } from './stage.js';

const CREATE = `mutation ($input: CreateReportInput!) { createReport(input: $input) { report { rowId status receivedAt } } }`;

/** Makes the table that the peer writes: an id, what is asked for by most, the report as it was sent, and as wide as a row of ours. */
export async function makePeerTable(stage: Stage, width: number): Promise<void> {
  const [sent] = await stage.sql<{ width: number }>(`SELECT pg_column_size($1::jsonb)::int AS width`, [
    JSON.stringify(contentOf(seizure(SOME_ID, SOME_ID, 'GREEN'))),
  ]);
  const filler = Math.max(0, width - (sent?.width ?? 0) - 120);
  await stage.sql(`CREATE SCHEMA peer`);
  await stage.sql(`
    CREATE TABLE peer.reports (
      id uuid PRIMARY KEY, operation_id uuid NOT NULL, unit_id uuid NOT NULL, status text NOT NULL DEFAULT 'RECEIVED',
      detected_at timestamptz NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), content jsonb NOT NULL,
      filler text NOT NULL DEFAULT '${'x'.repeat(filler)}')`);
  await stage.sql(`ALTER TABLE peer.reports ALTER filler SET STORAGE plain`);
}

const SOME_ID = '00000000-0000-7000-8000-000000000000';

/** The peer's own create mutation, with the content of the same report. */
export const createReport: Saying = ({ operationId, unitId, sharing }) => {
  const input = seizure(operationId, unitId, sharing);
  const { id, detectedAt } = input; // the peer calls a primary key rowId, as its `id` is one for all tables
  const report = { rowId: id, operationId, unitId, detectedAt, content: contentOf(input) };
  return { query: CREATE, variables: { input: { report } } };
};

function contentOf({
  id: _id,
  operationId: _operation,
  unitId: _unit,
  detectedAt: _at,
  ...content
}: Record<string, unknown>): Record<string, unknown> {
  return content;
}
