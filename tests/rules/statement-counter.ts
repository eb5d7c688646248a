import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * Stands between an api and PostgreSQL, passes on every byte, and counts the statements that go by: it reads the frames of the
 * frontend's protocol (version 3), so that nothing in Muster has to count for a test.
 */
export class StatementCounter {
  private counted = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    /** Where an api finds the database through this counter. */
    readonly url: string,
  ) {}

  static async before(databaseUrl: string): Promise<StatementCounter> {
    const target = new URL(databaseUrl);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    const counter = new StatementCounter(server, url.href);
    server.on('connection', (socket) => counter.pass(socket, Number(target.port), target.hostname));
    return counter;
  }

  /** The fewest statements that some runs of `work` sent: what timers of the process send falls into one of them at most. */
  async fewest(work: () => Promise<unknown>, runs = 3): Promise<number> {
    const counts: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const before = this.counted;
      await work();
      counts.push(this.counted - before);
    }
    return Math.min(...counts);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(client: Socket, port: number, host: string): void {
    const database = connect(port, host);
    for (const socket of [client, database]) {
      this.sockets.add(socket.setNoDelay(true));
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    }
    const frames = new Frames((type, frame) => (this.counted += statementsIn(type, frame)));
    client.on('data', (chunk: Buffer) => frames.take(chunk));
    client.pipe(database).pipe(client);
  }
}

/** Execute runs one statement that was parsed before; a simple query may hold several. BEGIN and COMMIT count like any other. */
function statementsIn(type: string, frame: Buffer): number {
  if (type === 'E') return 1;
  return type === 'Q'
    ? frame
        .toString('utf8', 5, frame.length - 1)
        .split(';')
        .filter((part) => part.trim() !== '').length
    : 0;
}

/** Cuts what a client sends into frames: the first has no type, every other begins with one. */
class Frames {
  private waiting: Buffer = Buffer.alloc(0);
  private hasBegun = false;

  constructor(private readonly found: (type: string, frame: Buffer) => void) {}

  take(chunk: Buffer): void {
    this.waiting = Buffer.concat([this.waiting, chunk]);
    for (;;) {
      const header = this.hasBegun ? 1 : 0;
      if (this.waiting.length < header + 4) return;
      const length = header + this.waiting.readInt32BE(header);
      if (this.waiting.length < length) return;
      const frame = this.waiting.subarray(0, length);
      if (this.hasBegun) this.found(String.fromCharCode(frame[0] ?? 0), frame);
      this.hasBegun = true;
      this.waiting = this.waiting.subarray(length);
    }
  }
}
