import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

import { parse } from 'csv-parse';

import { type Manifest, readManifest, type TableFile } from './manifest.js';

const MANIFEST = 'manifest.json';
/** Holds the id of the operation whose archive is being written here. */
const UNFINISHED = 'unfinished';
/** What is in an archive is for its owner alone. */
const PRIVATE = 0o600;

/** Half again as large as it could be, in a third of the time. */
const FAST = 3;

/** A row of a table in an archive: what stands in a column, null where it is null there. */
export type ArchivedRow = Readonly<Record<string, string | null>>;

/** The folder of one archive: gzipped CSV, a file for each table, and a manifest. */
export class ArchiveFolder {
  private readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /**
   * Makes the folder ready to be written to by the archive of an operation: it is new, empty, or holds what an earlier run left of the same. What
   * is unfinished is written anew from its beginning, under whichever mark.
   * @param mark the mark that the operation has; undefined where it has none yet
   * @throws Error where it holds anything else, a finished archive of the same operation too, unless it was made under this very mark: what was
   * done since another one is not in it
   */
  async claim(operationId: string, mark: string | undefined): Promise<void> {
    await this.make();
    const names = await readdir(this.path);
    if (names.includes(MANIFEST)) {
      const { manifest } = await this.manifest();
      if (manifest.operation.id !== operationId || manifest.run !== mark)
        throw new Error(`${this.path} holds another archive: give a folder that is empty, or that is not there yet.`);
      await rm(join(this.path, UNFINISHED), { force: true });
      return;
    }
    const owner = names.includes(UNFINISHED) ? await readFile(join(this.path, UNFINISHED), 'utf8') : undefined;
    if (owner === operationId) return;
    // A run that died before it had written whose folder it is left nothing else.
    if (names.length > 0 && !(owner === '' && names.length === 1))
      throw new Error(`${this.path} is not empty: give a folder that is, or that is not there yet.`);
    await writeFile(join(this.path, UNFINISHED), operationId, { mode: PRIVATE });
  }

  async isFinished(): Promise<boolean> {
    return (await readdir(this.path)).includes(MANIFEST);
  }

  /** Writes the file of a table from CSV, durably. */
  async write(file: string, csv: Readable): Promise<Pick<TableFile, 'bytes' | 'sha256'>> {
    const { tap, told } = hashing();
    const path = join(this.path, file);
    await pipeline(csv, createGzip({ level: FAST }), tap, createWriteStream(path, { mode: PRIVATE, flush: true }));
    return told();
  }

  /** Ends the archive: with the manifest, and only with it, it is one. Gives the manifest's SHA-256. */
  async finish(manifest: Manifest): Promise<string> {
    const draft = join(this.path, `${MANIFEST}.draft`);
    await writeFile(draft, `${JSON.stringify(manifest, null, 2)}\n`, { mode: PRIVATE, flush: true });
    await flush(this.path);
    await rename(draft, join(this.path, MANIFEST));
    await flush(this.path);
    await rm(join(this.path, UNFINISHED), { force: true });
    return (await this.manifest()).sha256;
  }

  /** @throws Error where there is none */
  async manifest(): Promise<{ readonly manifest: Manifest; readonly sha256: string }> {
    const text = await readFile(join(this.path, MANIFEST), 'utf8').catch(() => {
      throw new Error(`${this.path} holds no finished archive.`);
    });
    return { manifest: readManifest(text), sha256: createHash('sha256').update(text).digest('hex') };
  }

  /** The CSV of a table. */
  async *csv({ file }: TableFile): AsyncGenerator<Buffer> {
    const gunzip = createGunzip();
    const reading = pipeline(createReadStream(join(this.path, file)), gunzip);
    reading.catch(() => undefined); // it is an error of the stream that is read, too
    yield* gunzip as AsyncIterable<Buffer>;
    await reading;
  }

  /** The rows of a table, one by one. */
  async *rows(table: TableFile): AsyncGenerator<ArchivedRow> {
    const parser = parse({
      columns: true,
      // PostgreSQL writes null as nothing, and an empty text in quotes.
      cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    });
    const reading = pipeline(this.csv(table), parser);
    reading.catch(() => undefined);
    yield* parser as AsyncIterable<ArchivedRow>;
    await reading;
  }

  /** What is wrong with the file of a table: read whole, hashed, unpacked and counted. */
  async faultOf({ file, rows, bytes, sha256 }: TableFile): Promise<string | undefined> {
    const { tap, told } = hashing();
    const counter = new RowCounter();
    try {
      await pipeline(
        createReadStream(join(this.path, file)),
        tap,
        createGunzip(),
        async (csv: AsyncIterable<Buffer>) => {
          for await (const chunk of csv) counter.count(chunk);
        },
      );
    } catch (error) {
      return `${file} can't be read: ${error instanceof Error ? error.message : String(error)}`;
    }
    const found = told();
    if (found.bytes !== bytes || found.sha256 !== sha256) return `${file} is not as it was written`;
    return counter.rows === rows ? undefined : `${file} holds ${counter.rows} rows instead of ${rows}`;
  }

  /** Makes the folder where it is not there, durably: with every folder above it that was not there either. */
  private async make(): Promise<void> {
    const first = await mkdir(this.path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = this.path; made.length >= first.length; made = dirname(made)) await flush(dirname(made));
  }
}

/** Makes the names in a folder durable. */
async function flush(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function hashing(): { readonly tap: Transform; readonly told: () => Pick<TableFile, 'bytes' | 'sha256'> } {
  const hash = createHash('sha256');
  let bytes = 0;
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { tap, told: () => ({ bytes, sha256: hash.digest('hex') }) };
}

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** Counts the rows of CSV with a header; a line feed within quotes ends no row. */
class RowCounter {
  private lines = 0;
  private isQuoted = false;

  count(chunk: Buffer): void {
    // By its index: an iterator takes ten times as long, and an archive has billions of bytes.
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index];
      if (byte === QUOTE) this.isQuoted = !this.isQuoted;
      else if (byte === LINE_FEED && !this.isQuoted) this.lines += 1;
    }
  }

  get rows(): number {
    return this.lines - 1;
  }
}
