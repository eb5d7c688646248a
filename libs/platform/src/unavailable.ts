import { MusterError } from './errors.js';

/** What the operating system says when a server cannot be reached or hung up. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * SQLSTATEs of a PostgreSQL that stops, restarts, starts or ends sessions (57P), that became a standby at a failover (25006), or that
 * could not do it within the time allowed: a lock (55P03), a statement (57014), a transaction that idled (25P03).
 */
const sqlStates = new Set(['57P01', '57P02', '57P03', '57P05', '25006', '25P03', '55P03', '57014']);
/** Class 08, connections; class 53, no connection, memory or disk left. */
const sqlStateClasses = /^(08|53)[0-9A-Z]{3}$/;

/** How node-postgres, its pool and ioredis begin the messages of errors to which they give no code. */
const messageStarts = [
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Query read timeout',
  'Cannot use a pool after calling end',
  'Connection is closed.',
  "Stream isn't writeable",
  'Reached the max retries per request limit',
  'Command timed out',
  'CLUSTERDOWN',
  'Failed to refresh slots cache',
  "Cluster isn't ready",
  'Too many Cluster redirections',
];

/** Errors are wrapped by TypeORM, graphql-js and AggregateError; a chain longer than this is no chain that we know. */
const deepestCause = 8;

/**
 * Whether an error says that PostgreSQL or Redis could not be reached or can't work now, so that the same call may be sent again a little later.
 * Looks through what wraps it: `cause`, `originalError` (graphql-js), `driverError` (TypeORM) and the errors of an AggregateError.
 */
export function isUnavailable(error: unknown): boolean {
  return looksUnavailable(error, 0);
}

function looksUnavailable(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth > deepestCause) return false;
  if (error instanceof MusterError) return error.code === 'UNAVAILABLE';
  const { code, message, cause, originalError, driverError, errors } = error as Record<string, unknown>;
  if (typeof code === 'string' && (networkCodes.has(code) || sqlStates.has(code) || sqlStateClasses.test(code)))
    return true;
  if (typeof message === 'string' && messageStarts.some((start) => message.startsWith(start))) return true;
  const several: unknown[] = Array.isArray(errors) ? errors : [];
  const inner = [cause, originalError, driverError, ...several];
  return inner.some((each) => each !== error && looksUnavailable(each, depth + 1));
}
