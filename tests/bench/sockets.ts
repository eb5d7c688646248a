import { io } from 'socket.io-client';

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
          const socket = io(`${url}/live`, { transports: ['websocket'], auth: { token }, forceNew: true });
          socket.on('connect_error', reject);
          socket.on('connect', () => socket.emit('follow', { operationId, fromNow: true }, () => undefined));
          socket.on('live', () => resolve());
          socket.on('behind', () => reject(new Error('A client fell behind.')));
          socket.on('event', (event: { kind: string; subjectId: string }) => {
            if (event.kind !== 'seizure.accepted') return;
            arrivals.push([event.subjectId, Date.now()]);
            sample ??= event;
            tellWhenAll();
          });
        }),
    ),
  );
  process.send?.({ type: 'live' });
}

function tellWhenAll(): void {
  if (arrivals.length >= expected) process.send?.({ type: 'arrivals', arrivals, sample });
}
