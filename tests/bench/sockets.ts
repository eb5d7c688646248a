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
  readonly count: number;
}

const arrivals: [id: string, at: number][] = [];
let sockets = 0;
let expected = Infinity;

process.on('message', (message: Follow | Expect) => {
  if (message.type === 'follow') void follow(message);
  else {
    expected = message.count;
    tellWhenAll();
  }
});

async function follow({ url, operationId, tokens }: Follow): Promise<void> {
  sockets = tokens.length;
  await Promise.all(
    tokens.map(
      (token) =>
        new Promise<void>((resolve, reject) => {
          const socket = io(`${url}/live`, { transports: ['websocket'], auth: { token }, forceNew: true });
          socket.on('connect_error', reject);
          socket.on('connect', () => socket.emit('follow', { operationId, fromNow: true }, () => undefined));
          socket.on('live', () => resolve());
          socket.on('behind', () => reject(new Error('A client fell behind.')));
          socket.on('event', ({ kind, subjectId }: { kind: string; subjectId: string }) => {
            if (kind !== 'seizure.accepted') return;
            arrivals.push([subjectId, Date.now()]);
            tellWhenAll();
          });
        }),
    ),
  );
  process.send?.({ type: 'live' });
}

function tellWhenAll(): void {
  if (arrivals.length >= expected * sockets) process.send?.({ type: 'arrivals', arrivals });
}
