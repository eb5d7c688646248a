/** Milliseconds after which PostgreSQL ends a statement. */
export const STATEMENT_TIMEOUT = 60_000;

/**
 * How long a pool of connections waits for PostgreSQL: nothing may hang for ever on a line that went dead without a word. A server that
 * vanished ends no statement; then this side does, a little after the server would have.
 */
export const PATIENCE = {
  connectionTimeoutMillis: 5_000,
  query_timeout: STATEMENT_TIMEOUT + 5_000,
  keepAlive: true,
} as const;
