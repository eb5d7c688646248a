import { createHash } from 'node:crypto';

/**
 * An id that the same words always give: a UUIDv7 by its form, whose time is that of the operation's own id and whose other bits are of a
 * SHA-256. So a file that is sent again brings nothing twice.
 * @param operationId a UUIDv7
 */
export function idFrom(operationId: string, ...words: readonly string[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([operationId, ...words]))
    .digest('hex');
  const variant = '89ab'[Number.parseInt(hash.slice(3, 4), 16) % 4] ?? '8';
  const time = operationId.replaceAll('-', '').slice(0, 12);
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${hash.slice(0, 3)}`,
    `${variant}${hash.slice(4, 7)}`,
    hash.slice(7, 19),
  ].join('-');
}
