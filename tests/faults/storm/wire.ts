import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import type { GraphqlError } from '../../setup/graphql.js';

/** How long a sender waits for an answer, in milliseconds. */
const PATIENCE = 8_000;

export interface WireAnswer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors: readonly GraphqlError[];
}

/** One sender's connection to each door, which is kept open as long as it holds. */
export class Wire {
  private readonly agents = new Map<number, Agent>();

  constructor(private readonly token: string) {}

  /**
   * Sends a request through a door; undefined where no answer came.
   * @param cutAfterMs hangs up so long after the request was handed over, with or without an answer
   */
  async send(port: number, body: object, cutAfterMs?: number): Promise<WireAnswer | undefined> {
    const text = JSON.stringify(body);
    const abort = new AbortController();
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path: '/graphql',
      method: 'POST',
      agent: this.agentTo(port),
      signal: AbortSignal.any([abort.signal, AbortSignal.timeout(PATIENCE)]),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        authorization: `Bearer ${this.token}`,
      },
    });
    if (cutAfterMs !== undefined) outgoing.once('finish', () => void pause(cutAfterMs).then(() => abort.abort()));
    const answer = await new Promise<WireAnswer | undefined>((resolve) => {
      outgoing.once('error', () => resolve(undefined));
      outgoing.once('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', () => resolve(undefined));
        incoming.once('end', () => resolve(read(incoming.statusCode ?? 0, Buffer.concat(chunks).toString())));
        incoming.once('close', () => resolve(undefined));
      });
      outgoing.end(text);
    });
    return cutAfterMs === undefined ? answer : undefined;
  }

  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
  }

  private agentTo(port: number): Agent {
    const agent = this.agents.get(port) ?? new Agent({ keepAlive: true, maxSockets: 2 });
    this.agents.set(port, agent);
    return agent;
  }
}

function read(status: number, text: string): WireAnswer {
  try {
    const { data, errors = [] } = JSON.parse(text) as Partial<WireAnswer>;
    return { status, data, errors };
  } catch {
    return { status, data: undefined, errors: [{ message: `no JSON: ${text.slice(0, 200)}` }] };
  }
}
