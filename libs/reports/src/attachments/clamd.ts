import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** What clamd said of a file: nothing, the name of what it found, or that it takes no file of this size. */
export type ClamdVerdict =
  { readonly isClean: true } | { readonly isClean: false; readonly signature: string } | 'too large';

/** Without a word from clamd for this long, it is taken to be away. In milliseconds. */
const LONGEST_SILENCE_MS = 60_000;
const CHUNK_BYTES = 64 * 1024;

/** clamd could not be reached, or could not scan. */
export class ClamdAway extends Error {}

/**
 * Has clamd scan a stream (`zINSTREAM`: parts that each have their length before them, and an empty one at the end).
 * @param url `tcp://host:port` or `unix:/path`
 * @throws ClamdAway where there is no verdict, for whatever reason; other errors are those of the stream
 */
export async function scan(url: string, content: Readable): Promise<ClamdVerdict> {
  const socket = open(url);
  const broken = new Promise<never>((_, reject) => {
    socket.once('error', reject);
    socket.setTimeout(LONGEST_SILENCE_MS, () => socket.destroy(new Error('clamd is silent')));
  });
  broken.catch(() => undefined);
  try {
    // clamd may answer before it has everything, and then reads no further.
    const answer = readAnswer(socket);
    const sent = send(socket, content);
    sent.catch(() => undefined);
    const said = await Promise.race([answer, broken, sent.then(() => answer)]);
    return verdictOf(said);
  } catch (error) {
    if (content.errored) throw content.errored;
    throw error instanceof ClamdAway ? error : new ClamdAway(`clamd gave no verdict: ${String(error)}`);
  } finally {
    socket.destroy();
    content.destroy();
  }
}

function open(url: string): Socket {
  const { protocol, pathname, hostname, port } = new URL(url);
  return protocol === 'unix:'
    ? connect(decodeURIComponent(pathname))
    : connect(Number(port), hostname.replace(/^\[(.*)\]$/, '$1'));
}

async function send(socket: Socket, content: Readable): Promise<void> {
  await write(socket, Buffer.from('zINSTREAM\0'));
  for await (const chunk of content as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      const part = chunk.subarray(at, at + CHUNK_BYTES);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      await write(socket, Buffer.concat([length, part]));
    }
  }
  await write(socket, Buffer.alloc(4));
}

async function write(socket: Socket, bytes: Buffer): Promise<void> {
  if (!socket.write(bytes)) await once(socket, 'drain');
}

/** The answer up to its NUL, or to the end of the connection. */
async function readAnswer(socket: Socket): Promise<string> {
  let said = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    said += chunk.toString();
    if (said.includes('\0')) break;
  }
  return said.replace(/\0.*$/s, '');
}

/** `stream: OK`, `stream: Eicar-Test-Signature FOUND`, or an error, of which one is about the file: its size (StreamMaxLength). */
function verdictOf(said: string): ClamdVerdict {
  const [, signature] = /^stream: (.+) FOUND$/.exec(said) ?? [];
  if (signature !== undefined) return { isClean: false, signature };
  if (said === 'stream: OK') return { isClean: true };
  if (said.startsWith('INSTREAM size limit exceeded')) return 'too large';
  throw new ClamdAway(said === '' ? 'clamd hung up without a verdict' : `clamd: ${said}`);
}
