import type { Config } from '#platform';

/** Where browsers reach this server: the setting PUBLIC_URL, or this machine itself, as browsers name it. */
export function publicUrl({ publicUrl: url, port }: Config): URL {
  return new URL(url ?? `http://localhost:${port}`);
}
