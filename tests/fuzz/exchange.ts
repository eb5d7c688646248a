import { Agent, request } from 'node:http';

import type { RawRequest } from './raw-requests.js';

const LONGEST_MS = 20_000;

/** What came back; where the server ended the connection without an answer, as it may for what is no HTTP, the status is 0. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
}

const NO_ANSWER: RawAnswer = { status: 0, headers: {}, text: '', bytes: Buffer.alloc(0) };

/** How a request is sent. */
export interface Sending {
  /** Bytes after which the line goes dead. */
  readonly cutAfter?: number;
}

/** Sends a request and reads the whole answer. */
export function exchange(
  url: string,
  { method, path, headers, body }: RawRequest,
  { cutAfter }: Sending = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const agent = cutAfter === undefined ? undefined : new Agent();
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path: encodeOdd(path), headers, timeout: LONGEST_MS, agent };
    const sent = request(options, (answer) => {
      const chunks: Buffer[] = [];
      const told = (): RawAnswer => {
        const bytes = Buffer.concat(chunks);
        return { status: answer.statusCode ?? 0, headers: answer.headers, text: bytes.toString(), bytes };
      };
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve(told()));
      answer.on('error', () => resolve(cutAfter === undefined ? { ...told(), text: '' } : NO_ANSWER));
    });
    sent.on('upgrade', (_answer, socket) => {
      socket.destroy();
      resolve({ ...NO_ANSWER, status: 101 });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${LONGEST_MS} ms`)));
    sent.on('error', (error: NodeJS.ErrnoException) =>
      cutAfter !== undefined || isEnd(error, method) ? resolve(NO_ANSWER) : reject(error),
    );
    if (cutAfter === undefined) return void sent.end(body);
    sent.write(body?.subarray(0, cutAfter) ?? '', () => sent.destroy());
    sent.flushHeaders();
  });
}

/** To headers that are too large the server answers, with a body, before it has seen that HEAD wants none. */
const isEnd = ({ code = '' }: NodeJS.ErrnoException, method: string): boolean =>
  ['ECONNRESET', 'EPIPE', ...(method === 'HEAD' ? ['HPE_INVALID_CONSTANT'] : [])].includes(code);

/** What Node's own client would not send. */
const encodeOdd = (path: string): string => path.replace(/[^\x21-\x7e]/g, encodeURIComponent);
