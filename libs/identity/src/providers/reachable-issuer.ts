/** Answers of a provider are some kilobytes long. In bytes. */
const LARGEST_ANSWER = 1024 * 1024;

/** The provider can't be reached, or is in trouble: it may answer later. */
export class ProviderUnreachable extends Error {}

/**
 * Whether this server may send requests there. Who registers a provider makes the server ask addresses of their choice: so only
 * by https; in development and tests also by http on this machine.
 */
export function mayBeAsked(url: URL, production: boolean): boolean {
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (!production && isLoopback(url));
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/**
 * Asks a provider. Wherever its own metadata sends the next request, the same rule holds; no redirect is followed, and an endless
 * answer ends.
 * @throws ProviderUnreachable when there is no answer, or one of trouble
 */
export async function askProvider(address: string, options: RequestInit, production: boolean): Promise<Response> {
  if (!mayBeAsked(new URL(address), production)) throw new Error('The provider names an address that is not asked.');
  let answer: Response;
  try {
    answer = await fetch(address, { ...options, redirect: 'manual' });
  } catch (cause) {
    throw new ProviderUnreachable('The provider does not answer.', { cause });
  }
  if (answer.status >= 500) {
    await answer.body?.cancel();
    throw new ProviderUnreachable(`The provider answers ${answer.status}.`);
  }
  return new Response(await wholeBody(answer), { status: answer.status, headers: answer.headers });
}

async function wholeBody(answer: Response): Promise<Buffer<ArrayBuffer> | null> {
  if (answer.body === null) return null;
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of answer.body as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > LARGEST_ANSWER) throw new Error('The answer of the provider is too long.');
      parts.push(part);
    }
  } catch (cause) {
    throw new ProviderUnreachable('The answer of the provider is no whole one.', { cause });
  }
  return Buffer.concat(parts);
}

/** Whether it came of a provider that can't be reached; libraries wrap what they are thrown. */
export function isUnreachable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ProviderUnreachable || cause.name === 'TimeoutError') return true;
  }
  return false;
}
