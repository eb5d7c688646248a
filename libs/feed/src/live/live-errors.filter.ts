import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { isUnavailable, MusterError } from '#platform';

import type { Acknowledge, LiveCode } from './messages.js';

/** What a client is told of an error. */
export function codeOf(error: unknown): LiveCode {
  if (error instanceof MusterError) return error.code;
  if (isUnavailable(error)) return 'UNAVAILABLE';
  new Logger('LiveFeed').error(error);
  return 'INTERNAL';
}

/** Answers a message that failed, whether the guard or the gateway refused it; a client that asked for no answer gets none. */
@Catch()
export class LiveErrors implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const code = codeOf(error);
    const acknowledge = host.getArgs<unknown[]>().find((argument) => typeof argument === 'function') as Acknowledge;
    acknowledge?.({ ok: false, code });
  }
}
