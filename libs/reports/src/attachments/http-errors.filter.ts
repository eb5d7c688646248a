import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { type ErrorCode, isUnavailable, MusterError } from '#platform';
import type { FastifyReply } from 'fastify';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PHASE: 409,
  BAD_USER_INPUT: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
};

/** What a client is told of an error. */
export interface HttpFault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const logger = new Logger('Files');

/** What is told of an error at a route: as in the GraphQL API, and of what is not for clients nothing but that it happened. */
export function httpFault(error: unknown, requestId: string): HttpFault {
  if (error instanceof MusterError) {
    return { status: STATUS[error.code], code: error.code, message: error.message };
  }
  if (error instanceof HttpException) {
    return { status: error.getStatus(), code: 'BAD_USER_INPUT', message: error.message };
  }
  if (isUnavailable(error)) return { status: 503, code: 'UNAVAILABLE', message: 'Try again in a moment.' };
  logger.error({ err: error, requestId }, 'A request for a file failed.');
  return { status: 500, code: 'INTERNAL', message: `Something went wrong here (${requestId}).` };
}

/** Answers a route's errors in the words of the GraphQL API. */
@Catch()
export class HttpErrorsFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, code, message } = httpFault(error, reply.request.id);
    if (reply.sent) return;
    if (status === 503) void reply.header('retry-after', '5');
    void reply.code(status).send({ code, message });
  }
}
