import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { Server } from 'socket.io';

/** What is to be emitted, how often, and to which rooms each time. */
interface Emit {
  readonly event: Readonly<Record<string, unknown>>;
  readonly ids: readonly string[];
  readonly rooms: readonly (readonly string[])[];
  readonly perSecond: number;
}

// socket.io and nothing else, as it is set up at Muster's door: the baseline of what telling so many sockets takes here.
const http = createServer();
const server = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
const live = server.of('/live');
live.on('connection', (socket) => {
  void socket.join(String(socket.handshake.auth['token']));
  socket.on('follow', (_message: unknown, acknowledge: (answer: unknown) => void) => {
    acknowledge({ ok: true });
    socket.emit('live', {});
  });
});

process.on('message', (message: Emit) => void emit(message));

async function emit({ event, ids, rooms, perSecond }: Emit): Promise<void> {
  const emitted: [id: string, at: number][] = [];
  const began = Date.now();
  for (const [index, id] of ids.entries()) {
    await delay(Math.max(0, began + (index * 1000) / perSecond - Date.now()));
    emitted.push([id, Date.now()]);
    live.to([...(rooms[index] ?? [])]).emit('event', { ...event, subjectId: id });
  }
  process.send?.({ type: 'emitted', emitted });
}

http.listen(0, '127.0.0.1', () => {
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` });
});
for (const end of ['SIGTERM', 'disconnect']) process.once(end, () => process.exit(0));
