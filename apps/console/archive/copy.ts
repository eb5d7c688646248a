import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';

import type { Client, Connection, Submittable } from 'pg';

/** What pg's connection has beside its types, for the messages of COPY. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** Rows as `COPY … TO STDOUT` writes them, read as fast as they are taken. */
export interface CopiedOut {
  readonly rows: Readable;
  /** How many there were, once all are read. */
  readonly count: () => number;
}

/** Runs a `COPY … TO STDOUT`. An error of the server is one of the stream. */
export function copyOut(client: Client, statement: string): CopiedOut {
  const query = new CopyOut(statement);
  client.query(query);
  return { rows: query.stream, count: () => query.count };
}

/** Runs a `COPY … FROM STDIN` with what is read from `rows`, and gives how many rows that were. */
export async function copyIn(client: Client, statement: string, rows: AsyncIterable<Uint8Array>): Promise<number> {
  const query = new CopyIn(statement, rows);
  client.query(query);
  return query.done.promise;
}

const rowsOf = (tag: string): number => Number(tag.split(' ')[1] ?? 0);

/** A query as pg's client talks to it; the messages that COPY has none of are not answered. */
class CopyOut implements Submittable {
  readonly stream = new PassThrough({ highWaterMark: 1 << 20 });
  count = 0;

  constructor(private readonly statement: string) {}

  submit(connection: Connection): void {
    connection.query(this.statement);
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }, connection: Connection): void {
    if (this.stream.destroyed || this.stream.write(Buffer.from(chunk))) return;
    connection.stream.pause();
    const goOn = (): void => {
      this.stream.off('drain', goOn).off('close', goOn);
      connection.stream.resume();
    };
    this.stream.once('drain', goOn).once('close', goOn);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.count = rowsOf(text);
  }

  handleReadyForQuery(): void {
    this.stream.end();
  }

  handleError(error: Error): void {
    this.stream.destroy(error);
  }
}

class CopyIn implements Submittable {
  readonly done = Promise.withResolvers<number>();
  private count = 0;

  constructor(
    private readonly statement: string,
    private readonly rows: AsyncIterable<Uint8Array>,
  ) {}

  submit(connection: Connection): void {
    connection.query(this.statement);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    void this.send(connection);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.count = rowsOf(text);
  }

  handleReadyForQuery(): void {
    this.done.resolve(this.count);
  }

  handleError(error: Error): void {
    this.done.reject(error);
  }

  private async send(connection: CopyConnection): Promise<void> {
    try {
      for await (const chunk of this.rows) {
        connection.sendCopyFromChunk(chunk);
        if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
      }
      connection.endCopyFrom();
    } catch (error) {
      connection.sendCopyFail(String(error));
    }
  }
}
