/** Why Muster can't start, in words for the person who started it: shown without a stack. */
export class StartFault extends Error {
  override readonly name = 'StartFault';
}

/** The code of a system error (`EADDRINUSE`) or of one of PostgreSQL (`28P01`), where there is one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
