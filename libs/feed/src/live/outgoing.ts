import type { LiveSocket } from './link.js';

type Connection = LiveSocket['conn'];

/** More than this waiting means that the client does not keep up: memory is not to grow with it. */
const MOST_PACKETS = 512;
const MOST_BYTES = 2 * 1024 * 1024;

/** Few enough that another page may be added. */
const FEW_PACKETS = 64;

/** Whether so much waits to be sent that the client must be told to come back later. */
export function isOverfull(connection: Connection): boolean {
  const packets = waiting(connection);
  return packets.length > MOST_PACKETS || bytesOf(packets) + sending(connection) > MOST_BYTES;
}

/** Whether another page of the past may be sent without heaping up what waits. */
export function hasRoom(connection: Connection): boolean {
  return waiting(connection).length <= FEW_PACKETS && sending(connection) <= MOST_BYTES / 4;
}

/** Waits until what waits has gone out: false when that takes longer than `milliseconds`, or the connection closes. */
export async function drained(connection: Connection, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (!hasRoom(connection)) {
    const left = end - Date.now();
    if (left <= 0 || connection.readyState !== 'open') return false;
    await new Promise<void>((resolve) => {
      const stop = (): void => {
        clearTimeout(timer);
        connection.off('drain', stop);
        connection.off('close', stop);
        resolve();
      };
      // The engine says when it hands packets over to the system, not when the system has sent them: so look again soon.
      const timer = setTimeout(stop, Math.min(left, LOOK_AGAIN));
      connection.on('drain', stop);
      connection.on('close', stop);
    });
  }
  return true;
}

const LOOK_AGAIN = 50;

/** Packets that the engine holds because the one before is not sent yet. The engine has no public word for them. */
function waiting(connection: Connection): readonly { readonly data?: unknown }[] {
  const buffer: unknown = Reflect.get(connection, 'writeBuffer');
  if (!Array.isArray(buffer)) throw new Error('The engine of socket.io keeps its waiting packets elsewhere now.');
  return buffer as readonly { readonly data?: unknown }[];
}

/** Bytes that were handed over to the system and not sent yet; a polling client has none. */
function sending({ transport }: Connection): number {
  const socket: unknown = Reflect.get(transport, 'socket');
  if (typeof socket !== 'object' || socket === null || !('bufferedAmount' in socket)) return 0;
  return typeof socket.bufferedAmount === 'number' ? socket.bufferedAmount : 0;
}

function bytesOf(packets: readonly { readonly data?: unknown }[]): number {
  let bytes = 0;
  for (const { data } of packets) if (typeof data === 'string') bytes += data.length;
  return bytes;
}
