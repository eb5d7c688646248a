import { connect, type Socket } from 'node:net';

import { REPORT, seizure } from './reports.js';

/** What a load tells when it has ended. */
export interface LoadResult {
  readonly accepted: number;
  readonly seconds: number;
}

export interface Load {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly operationId: string;
  readonly unitId: string;
  readonly sharing: string;
  /** The message of one report; Muster's own mutation unless given. */
  readonly says?: Saying;
}

/** What is said to store one report, for a server that answers with its status. */
export type Saying = (load: Pick<Load, 'operationId' | 'unitId' | 'sharing'>) => {
  readonly query: string;
  readonly variables: { readonly input: Readonly<Record<string, unknown>> };
};

export const reportSeizure: Saying = ({ operationId, unitId, sharing }) => ({
  query: REPORT,
  variables: { input: seizure(operationId, unitId, sharing) },
});

/**
 * Sends single reports over as many connections as there are tokens, each its next when the last is acknowledged, until the time is
 * over.
 * @param mayGoOn asked before each report; the load waits where it says no
 */
export async function sendReports(
  load: Load,
  seconds: number,
  mayGoOn: () => Promise<void> = () => Promise.resolve(),
): Promise<LoadResult> {
  const began = performance.now();
  const until = began + seconds * 1000;
  let accepted = 0;
  const one = async (token: string): Promise<void> => {
    const line = new Line(load, token);
    while (performance.now() < until) {
      await mayGoOn();
      await line.send();
      accepted += 1;
    }
    line.end();
  };
  await Promise.all(load.tokens.map(one));
  return { accepted, seconds: (performance.now() - began) / 1000 };
}

/**
 * One reporter's connection, kept open: HTTP/1.1 written out. The load shares its processors with what it measures, and Node's own client
 * takes a third of the time that the server takes.
 */
export class Line {
  private readonly socket: Socket;
  private readonly head: string;
  private received = '';
  private waiting: { resolve(text: string): void; reject(error: Error): void } | undefined;

  constructor(
    private readonly load: Load,
    token: string,
  ) {
    const { hostname, port, host } = new URL(load.url);
    this.head = `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nauthorization: Bearer ${token}\r\ncontent-length: `;
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => this.take(text));
    this.socket.on('error', (error) => this.waiting?.reject(error));
    this.socket.on('close', () => this.waiting?.reject(new Error('The server ended the connection.')));
  }

  /** Sends one report and waits for its receipt. Gives the report's id. */
  async send(): Promise<string> {
    const message = (this.load.says ?? reportSeizure)(this.load);
    const body = JSON.stringify(message);
    const text = await new Promise<string>((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(`${this.head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
    if (!text.includes('"status":"RECEIVED"')) throw new Error(`A report was refused: ${text}`);
    return String(message.variables.input['id']);
  }

  end(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private take(text: string): void {
    this.received += text;
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.received.slice(0, headEnd + 2))?.[1]);
    if (!Number.isInteger(length)) this.waiting?.reject(new Error(`No length is told: ${this.received}`));
    if (this.received.length < headEnd + 4 + length) return;
    const answer = this.received;
    this.received = '';
    this.waiting?.resolve(answer);
  }
}
