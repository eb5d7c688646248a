/** The codes of errors that a client can act on; anything else is INTERNAL. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'PHASE'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE';

/** One wrong field of an input: where it stands, which rule it breaks, and how to mend it. */
export interface FieldFault {
  /** Dotted path that begins with the argument's name, such as `input.lines.0.quantity`. */
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

export interface ErrorDetails {
  /** BAD_USER_INPUT: every wrong field. */
  readonly fields?: readonly FieldFault[];
  /** PHASE: the phase that does not allow it. */
  readonly phase?: string;
  /** PHASE: the gates that are not met. */
  readonly missing?: readonly string[];
  /** UNAUTHENTICATED: why, when the client can do something about it. */
  readonly reason?: string;
  /** RATE_LIMITED, UNAVAILABLE: when the same call may be sent again. */
  readonly retryAfterSeconds?: number;
}

/** The one class of error that reaches clients; the formatter turns its code and details into `extensions`. */
export class MusterError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message);
    this.name = 'MusterError';
  }
}

/** The one answer for what is absent and for what is not the asker's to know; it carries nothing of the request. */
export const notFound = (): MusterError => new MusterError('NOT_FOUND', 'Not found.');

/** The answer of an operation whose records were archived; told to those alone who may know the operation. Only closed ones are archived. */
export const archived = (): MusterError =>
  new MusterError('PHASE', 'The operation is archived: its records are not kept here any more.', { phase: 'CLOSED' });

export const forbidden = (message = 'This is not yours to do.'): MusterError => new MusterError('FORBIDDEN', message);

/** One answer that names every wrong field; the message repeats them for those who read only that. */
export function badInput(fields: readonly FieldFault[]): MusterError {
  return new MusterError('BAD_USER_INPUT', fields.map(({ path, message }) => `${path}: ${message}`).join(' '), {
    fields,
  });
}

/** Collects what is wrong with an input, so that all of it comes in one answer. */
export class Faults {
  /** By their path and rule. */
  private readonly found = new Map<string, FieldFault>();

  add(path: string, rule: string, message: string): void {
    // Work that runs again after a collision may find the same fault again.
    const key = `${path}\n${rule}`;
    if (!this.found.has(key)) this.found.set(key, { path, rule, message });
  }

  /** Throws BAD_USER_INPUT with all that was collected; does nothing when all is well. */
  throwIfAny(): void {
    if (this.found.size > 0) throw badInput([...this.found.values()]);
  }

  get none(): boolean {
    return this.found.size === 0;
  }
}
