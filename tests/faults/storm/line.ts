import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { pipeline, Transform } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** What a line does to the bytes that go one way. */
interface Way {
  delayMs: number;
  /** Bytes vanish. What comes after them would make no sense, so the line is cut before it is sound again. */
  isDeaf: boolean;
}

/** A TCP line that can be bad: connections to its port go on to another, until they are cut, slowed, or lose what is said on them. */
export class Line {
  private readonly sockets = new Set<Socket>();
  private readonly there: Way = { delayMs: 0, isDeaf: false };
  private readonly back: Way = { delayMs: 0, isDeaf: false };

  private constructor(
    readonly port: number,
    private readonly server: Server,
    private target: number,
    private readonly hear: (said: Buffer, line: Line) => void,
  ) {}

  /**
   * @param target the port that the line leads to, on loopback as its own
   * @param hear is told each piece of what is said to that port, before it goes on; it may cut the line
   */
  static async open(target: number, hear: (said: Buffer, line: Line) => void = () => undefined): Promise<Line> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const line = new Line((server.address() as AddressInfo).port, server, target, hear);
    server.on('connection', (near) => line.join(near, line.target));
    return line;
  }

  /** Ends all connections at once, as a router that forgot them does. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Leads to another port from now on, as an address that moves; who is connected is cut off. */
  lead(target: number): void {
    this.target = target;
    this.cut();
  }

  /** Holds up each piece of what is said, both ways, for a while. */
  async slow(there: number, back: number, forMs: number): Promise<void> {
    this.there.delayMs = there;
    this.back.delayMs = back;
    await pause(forMs);
    this.mend();
  }

  /** Loses one way what is said for a while, then cuts: requests that are never heard, or answers to what was done. */
  async lose(what: 'requests' | 'answers', forMs: number): Promise<void> {
    const way = what === 'requests' ? this.there : this.back;
    way.isDeaf = true;
    await pause(forMs);
    this.cut();
    this.mend();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.cut();
    await closed;
  }

  private mend(): void {
    for (const way of [this.there, this.back]) {
      way.delayMs = 0;
      way.isDeaf = false;
    }
  }

  private join(near: Socket, target: number): void {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
    near.setNoDelay(true);
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.once('close', () => {
        this.sockets.delete(socket);
        // Where one end is gone without a word, so is the other.
        near.destroy();
        far.destroy();
      });
    }
    pipeline(
      near,
      through(this.there, (said) => this.hear(said, this)),
      far,
      () => undefined,
    );
    pipeline(far, through(this.back), near, () => undefined);
  }
}

function through(way: Way, hear: (said: Buffer) => void = () => undefined): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      hear(chunk);
      if (way.isDeaf) done();
      else if (way.delayMs === 0) done(null, chunk);
      else setTimeout(() => done(null, chunk), way.delayMs);
    },
  });
}
