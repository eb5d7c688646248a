import { Upload } from 'tus-js-client';
import { v7 } from 'uuid';

import { sha256 } from './attachments.js';
import type { Person } from './scene.js';
import { until } from './until.js';

export interface ToldImport {
  readonly id: string;
  readonly status: string;
  readonly failure: string | null;
  readonly rowsRead: number;
  readonly rowsTaken: number;
  readonly rowsRepeated: number;
  readonly rowsRefused: number;
  readonly fileName: string;
  readonly dryRun: boolean;
  readonly errorsUrl: string | null;
}

const IMPORT = `id status failure rowsRead rowsTaken rowsRepeated rowsRefused fileName dryRun errorsUrl`;
export const IMPORT_REPORTS = `mutation ($input: ImportReportsInput!) { importReports(input: $input) { ${IMPORT} } }`;
export const IMPORT_QUERY = `query ($id: UUID!) { import(id: $id) { ${IMPORT} } }`;
export const IMPORTS = `query ($id: UUID!) { imports(operationId: $id) { ${IMPORT} } }`;
export const TEMPLATE = `query ($id: UUID!, $format: FileFormat!) { importTemplate(operationId: $id, format: $format) { fileName content } }`;
export const MAPPING = `query ($country: CountryCode!) { importMapping(country: $country) {
  columns { column field } constants { field value } dateFormat decimalComma } }`;

/** Where somebody brings files to. */
export interface Desk {
  readonly url: string;
  readonly person: Person;
  readonly operationId: string;
  readonly agencyId: string;
}

/** Uploads a file to be imported; gives the upload's id. */
export function bring({ url, person, operationId }: Desk, name: string, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: `${url}/imports/upload`,
      headers: { authorization: `Bearer ${person.token}` },
      metadata: { operationId, name, sha256: sha256(bytes) },
      retryDelays: null,
      onSuccess: () => resolve(upload.url?.split('/').at(-1) ?? ''),
      onError: reject,
    });
    upload.start();
  });
}

export function importInput(
  { operationId, agencyId }: Desk,
  uploadId: string,
  change: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return { id: v7(), operationId, agencyId, uploadId, format: 'CSV', sharing: { level: 'AMBER_STRICT' }, ...change };
}

/** Brings a file and begins its import; gives the import's id. */
export async function begin(
  desk: Desk,
  name: string,
  bytes: Buffer,
  change: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const input = importInput(desk, await bring(desk, name, bytes), change);
  return (await desk.person.do<ToldImport>(IMPORT_REPORTS, { input })).id;
}

/** Waits until an import has come to its end. */
export function ended({ person }: Desk, id: string, limit = 30_000): Promise<ToldImport> {
  return until(
    async () => {
      const told = await person.do<ToldImport>(IMPORT_QUERY, { id });
      return ['DONE', 'FAILED'].includes(told.status) ? told : undefined;
    },
    { limit, what: `import ${id} has ended` },
  );
}

/** Imports a file to the end. */
export async function importFile(
  desk: Desk,
  name: string,
  bytes: Buffer,
  change: Readonly<Record<string, unknown>> = {},
): Promise<ToldImport> {
  return ended(desk, await begin(desk, name, bytes, change));
}

/** The file of refused rows. */
export async function refusedOf({ url }: Desk, { errorsUrl }: ToldImport): Promise<Buffer> {
  const response = await fetch(new URL(errorsUrl ?? 'no-url', url));
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
}
