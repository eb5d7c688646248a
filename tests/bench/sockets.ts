import { io } from 'socket.io-client';
import { Decoder, Encoder } from 'socket.io-parser';

/** A process of its own with many sockets, which notes when each event arrives at each. */
interface Follow {
  readonly type: 'follow';
  readonly url: string;
  readonly operationId: string;
  readonly tokens: readonly string[];
}

interface Expect {
  readonly type: 'expect';
  /** Of arrivals at all sockets together. */
  readonly count: number;
}

/** How an event begins on the line: the packet's type, the namespace, the name. */
const EVENT = '2/live,["event",';

/** Notes events without making objects of them: what notes must not take the processors from what is measured. */
class NotingDecoder extends Decoder {
  override add(chunk: unknown): void {
    if (typeof chunk === 'string' && chunk.startsWith(EVENT)) note(chunk);
    else super.add(chunk);
  }
}

const arrivals: [id: string, at: number][] = [];
let expected = Infinity;
/** One of the events, for whoever wants to send the same bytes. */
let sample: unknown;

process.on('message', (message: Follow | Expect) => {
  if (message.type === 'follow') void follow(message);
  else {
    expected = message.count;
    tellWhenAll();
  }
});

async function follow({ url, operationId, tokens }: Follow): Promise<void> {
  await Promise.all(
    tokens.map(
      (token) =>
        new Promise<void>((resolve, reject) => {
          const parser = { Encoder, Decoder: NotingDecoder };
          const socket = io(`${url}/live`, { transports: ['websocket'], auth: { token }, forceNew: true, parser });
          socket.on('connect_error', reject);
          socket.on('connect', () => socket.emit('follow', { operationId, fromNow: true }, () => undefined));
          socket.on('live', () => resolve());
          socket.on('behind', () => reject(new Error('A client fell behind.')));
        }),
    ),
  );
  process.send?.({ type: 'live' });
}

function note(chunk: string): void {
  if (!chunk.includes('"kind":"seizure.accepted"')) return;
  const at = Date.now();
  sample ??= (JSON.parse(chunk.slice(chunk.indexOf('['))) as [string, unknown])[1];
  arrivals.push([/"subjectId":"([^"]*)"/.exec(chunk)?.[1] ?? '', at]);
  tellWhenAll();
}

function tellWhenAll(): void {
  if (arrivals.length >= expected) process.send?.({ type: 'arrivals', arrivals, sample });
}
