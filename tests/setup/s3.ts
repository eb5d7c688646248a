import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the tests use of s3rver, which comes without types. */
interface S3Server {
  readonly middleware: ((context: S3Context, next: () => Promise<void>) => Promise<void>)[];
  readonly store: { getResourcePath(bucket: string, key: string | undefined, resource: string): string };
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}

interface S3Context {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  status: number;
  type: string;
  body: string | null;
}

const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => S3Server;

/** An S3 server of one test file's own, with one bucket. */
export interface TestS3 {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts s3rver, and adds to it the two requests of S3 that it lacks: the list of an upload's parts, and the end of an upload. */
export async function startS3(): Promise<TestS3> {
  const directory = await mkdtemp(join(tmpdir(), 'muster-test-s3-'));
  const bucket = 'attachments';
  const options = { address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: [{ name: bucket }] };
  const server = new S3rver(options);
  server.middleware.unshift(async (context, next) => {
    const { uploadId } = context.query;
    if (uploadId === undefined || !['GET', 'DELETE'].includes(context.method)) return next();
    const folder = join(server.store.getResourcePath(bucket, undefined, 'uploads'), uploadId);
    const names = await readdir(folder).catch(() => undefined);
    context.type = 'application/xml';
    context.status = names ? 200 : 404;
    if (!names) {
      context.body = '<Error><Code>NoSuchUpload</Code><Message>There is no such upload.</Message></Error>';
    } else if (context.method === 'DELETE') {
      await rm(folder, { recursive: true });
      context.status = 204;
      context.body = null;
    } else {
      context.body = await listOf(folder, names);
    }
  });
  const { port } = await server.run();
  return {
    env: {
      ATTACHMENTS_S3_BUCKET: bucket,
      ATTACHMENTS_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      ATTACHMENTS_S3_ACCESS_KEY_ID: 'S3RVER',
      ATTACHMENTS_S3_SECRET_ACCESS_KEY: 'S3RVER',
    },
    async stop() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function listOf(folder: string, names: readonly string[]): Promise<string> {
  const numbers = names.filter((name) => /^\d+$/.test(name)).sort((one, other) => Number(one) - Number(other));
  const parts = await Promise.all(
    numbers.map(async (number) => {
      const { size } = await stat(join(folder, number));
      const etag = await readFile(join(folder, `${number}.md5`), 'utf8');
      return `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag><Size>${size}</Size></Part>`;
    }),
  );
  return `<?xml version="1.0"?><ListPartsResult><IsTruncated>false</IsTruncated>${parts.join('')}</ListPartsResult>`;
}
