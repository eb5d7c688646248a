/** The fields of a database error that help to find it and hold no data: no parameters, no detail with the values of a key. */
const harmless = ['code', 'query', 'constraint', 'table', 'column', 'schema', 'routine', 'severity'] as const;
const longestText = 2_000;
const deepestCause = 4;

export interface DescribedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
  readonly [field: string]: unknown;
}

/**
 * An error as the log may keep it. Loggers copy every field of an error, and those of a failed query hold its parameters: reports,
 * password hashes, tokens. This names what is kept.
 */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'Something was thrown that is no error.' };
  const fields = error as Error & Record<string, unknown>;
  const kept = harmless
    .filter((name) => typeof fields[name] === 'string')
    .map((name) => [name, short(fields[name] as string)] as const);
  return {
    type: error.constructor.name,
    message: short(error.message),
    stack: error.stack,
    ...Object.fromEntries(kept),
    ...(error.cause !== undefined && depth < deepestCause ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

const short = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText)}…` : text);
