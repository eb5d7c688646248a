import type { LoggerService } from '@nestjs/common';
import { type Level, type Logger, pino } from 'pino';

import { describeError } from './graphql/describe-error.js';

/** How errors come out, whoever logs them: described, and never with all of their fields. */
export const SERIALIZERS = {
  err: (error: unknown): unknown => (error instanceof Error ? describeError(error) : error),
};

/** Makes the logger of a process: one JSON object a line, to standard output, with secrets blotted out wherever they stand. */
export function createLogger(part: string, level: string): Logger {
  return pino({
    level,
    base: { part, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'req.headers.authorization',
        'req.headers.cookie',
        '*.password',
        '*.token',
        '*.accessToken',
        '*.refreshToken',
      ],
      censor: '[secret]',
    },
    serializers: SERIALIZERS,
  });
}

/**
 * Lets what is said through Nest's `Logger` come out as Muster's lines. Takes a text, an error, or an object of fields with a text after
 * it: `logger.error({ err, seizureId }, 'A report could not be settled.')`.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(said: unknown, ...rest: readonly unknown[]): void {
    this.write('debug', said, rest);
  }

  fatal(said: unknown, ...rest: readonly unknown[]): void {
    this.write('fatal', said, rest);
  }

  error(said: unknown, ...rest: readonly unknown[]): void {
    this.write('error', said, rest);
  }

  warn(said: unknown, ...rest: readonly unknown[]): void {
    this.write('warn', said, rest);
  }

  debug(said: unknown, ...rest: readonly unknown[]): void {
    this.write('debug', said, rest);
  }

  verbose(said: unknown, ...rest: readonly unknown[]): void {
    this.write('trace', said, rest);
  }

  /** @param rest further texts, an error or a stack, and last the name of who speaks, which Nest's `Logger` adds */
  private write(level: Level, said: unknown, rest: readonly unknown[]): void {
    const strings = rest.filter((each) => typeof each === 'string');
    const stack = strings.find(isStack);
    const words = strings.filter((each) => each !== stack);
    const context = words.pop();
    const error = [said, ...rest].find((each) => each instanceof Error);
    const { err, ...fields } = fieldsOf(said);
    const told = error ? describeError(error) : err;
    // An error that is described has its own stack.
    const line = { ...fields, context, ...(told === undefined ? { stack } : { err: told }) };
    const text = [...(isObject(said) ? [] : [String(said)]), ...words].join(' ');
    // Without a text the line has the message of its error.
    this.logger[level](line, text || undefined);
  }
}

/** Nest gives stacks as texts. */
function isStack(text: string): boolean {
  return /^\s*at .+:\d+:\d+\)?$/m.test(text);
}

/** The fields of an object, with each error in it as the log may keep it. */
function fieldsOf(said: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(said) || said instanceof Error) return {};
  return Object.fromEntries(
    Object.entries(said).map(([name, value]) => [name, isError(name, value) ? describeError(value) : value]),
  );
}

/** What stands under `err` was caught, and anything can be thrown. */
function isError(name: string, value: unknown): boolean {
  return value instanceof Error || (name === 'err' && value !== undefined);
}

function isObject(said: unknown): said is object {
  return typeof said === 'object' && said !== null;
}
