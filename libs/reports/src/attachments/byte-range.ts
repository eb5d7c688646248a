import type { ByteRange } from './object-store.js';

/**
 * The one part that a `Range` header asks for (RFC 9110); undefined for the whole, also where more than one part is asked for, which a
 * server may answer with the whole; `none` where there is no such part.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | 'none' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  return first <= last && first < size ? { first, last } : 'none';
}
