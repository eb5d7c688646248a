import { randomUUID } from 'node:crypto';
import { GraphQLError, type ExecutionResult, type FormattedExecutionResult, type GraphQLFormattedError } from 'graphql';
import { MusterError } from '../errors.js';
import { isUnavailable } from '../unavailable.js';
import { describeError } from './describe-error.js';
import { refusedRequest } from './refused-request.js';

/** After this many seconds a restarted PostgreSQL usually answers again. */
const retryAfterSeconds = 2;

interface ErrorLog {
  error(detail: object, message: string): void;
  warn(detail: object, message: string): void;
}

/** What of Mercurius's context the formatter needs: a request's own logger, or else that of the server. */
export interface FormatterContext {
  readonly reply?: { readonly log: ErrorLog };
  readonly app?: { readonly log: ErrorLog };
}

export interface FormattedAnswer {
  statusCode: number;
  response: FormattedExecutionResult;
}

/**
 * Turns whatever went wrong into errors with `extensions.code`, and nothing of the inside. For Mercurius's `errorFormatter`.
 * What an execution found is kept beside its errors; the HTTP status is 200 for every answer to a GraphQL request, and another
 * only where the request was none (too large, no JSON, another content type or method).
 */
export function formatErrors(
  execution: Pick<ExecutionResult, 'data'> & Required<Pick<ExecutionResult, 'errors'>>,
  context: FormatterContext,
): FormattedAnswer {
  const log = context.reply?.log ?? context.app?.log;
  // Errors without a path are of the request as a whole: they are told as one.
  const ofFields = execution.errors.filter(hasPath);
  const ofRequest = execution.errors.filter((error) => !hasPath(error));
  const errors = ofFields.map((error) => formatted(error, log));
  if (ofRequest.length === 0) return { statusCode: 200, response: { data: execution.data ?? null, errors } };

  const refused = refusedRequest(ofRequest);
  const [first] = ofRequest;
  const whole: GraphQLFormattedError[] = refused
    ? [{ message: refused.message, ...where(refused), extensions: { code: 'BAD_USER_INPUT' } }]
    : first
      ? [formatted(first, log)]
      : [];
  return {
    statusCode: refused?.statusCode ?? 200,
    response: { data: execution.data ?? null, errors: [...whole, ...errors] },
  };
}

const hasPath = (error: GraphQLError): boolean => Array.isArray(error.path);

function formatted(error: GraphQLError, log: ErrorLog | undefined): GraphQLFormattedError {
  const original = originalOf(error);
  if (original instanceof MusterError) {
    return { message: original.message, ...where(error), extensions: { code: original.code, ...original.details } };
  }
  if (isUnavailable(original)) {
    log?.warn({ err: describeError(original), path: error.path }, 'A part that the request needs is not available.');
    const message = 'Muster cannot answer at the moment: send the same call again.';
    return { message, ...where(error), extensions: { code: 'UNAVAILABLE', retryAfterSeconds } };
  }
  const errorId = randomUUID();
  log?.error({ err: describeError(original), errorId, path: error.path }, 'Internal error');
  return { message: 'Internal error.', ...where(error), extensions: { code: 'INTERNAL', errorId } };
}

/** The error that was thrown, under all the GraphQLErrors that carry it. */
function originalOf(error: GraphQLError): Error {
  let original: Error = error;
  for (let step = 0; step < 8 && original instanceof GraphQLError && original.originalError; step += 1) {
    original = original.originalError;
  }
  return original;
}

const where = ({
  locations,
  path,
}: Partial<Pick<GraphQLError, 'locations' | 'path'>>): Pick<GraphQLFormattedError, 'locations' | 'path'> => ({
  ...(locations && locations.length > 0 ? { locations } : {}),
  ...(Array.isArray(path) ? { path } : {}),
});
