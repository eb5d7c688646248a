import { v7 } from 'uuid';

import type { Person } from './scene.js';
import { until } from './until.js';

export interface ToldExport {
  readonly id: string;
  readonly status: string;
  readonly failure: string | null;
  readonly recordsInAll: number | null;
  readonly recordsWritten: number;
  readonly rowsWritten: number;
  readonly size: number | null;
  readonly expiresAt: string | null;
  readonly url: string | null;
}

const EXPORT = `id status failure recordsInAll recordsWritten rowsWritten size expiresAt url`;
export const EXPORT_REPORTS = `mutation ($input: ExportReportsInput!) { exportReports(input: $input) { ${EXPORT} } }`;
export const EXPORT_QUERY = `query ($id: UUID!) { export(id: $id) { ${EXPORT} } }`;
export const EXPORTS = `query ($id: UUID!) { exports(operationId: $id) { ${EXPORT} } }`;

/** Begins an export of all that a person may list; gives its id. */
export async function beginExport(
  person: Person,
  operationId: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const input = { id: v7(), operationId, format: 'NDJSON', filter: { withdrawn: null, exercise: null }, ...change };
  return (await person.do<ToldExport>(EXPORT_REPORTS, { input })).id;
}

/** Waits until an export has come to its end. */
export function exported(person: Person, id: string, limit = 30_000): Promise<ToldExport> {
  return until(
    async () => {
      const told = await person.do<ToldExport>(EXPORT_QUERY, { id });
      return ['DONE', 'FAILED'].includes(told.status) ? told : undefined;
    },
    { limit, what: `export ${id} has ended` },
  );
}

/** Exports to the end. */
export async function exportOf(
  person: Person,
  operationId: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<ToldExport> {
  return exported(person, await beginExport(person, operationId, change));
}

/** What the link of an export answers. */
export function download(url: string, told: ToldExport): Promise<Response> {
  return fetch(new URL(told.url ?? 'no-url', url));
}

/** The file of an export. */
export async function fileOf(url: string, told: ToldExport): Promise<Buffer> {
  const response = await download(url, told);
  if (!response.ok) throw new Error(`${told.failure ?? ''} ${response.status} ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
}

/** The objects of an export in NDJSON. */
export async function objectsOf<T>(url: string, told: ToldExport): Promise<T[]> {
  const text = (await fileOf(url, told)).toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
