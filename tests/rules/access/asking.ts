import type { Person } from '../../setup/scene.js';

/** An answer of the API, to the last header. */
export interface Answer {
  readonly status: number;
  /** Without what differs from answer to answer: the date and the request's id. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors: readonly AnswerError[];
}

interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly fields?: readonly { readonly rule: string }[] };
}

const PASSING = ['date', 'x-request-id'];

/** Asks as a person, or as nobody. */
export async function asking(
  url: string,
  person: Person | undefined,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  return answered(
    await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(person ? { authorization: `Bearer ${person.token}` } : {}),
      },
      body: JSON.stringify({ query, variables }),
    }),
  );
}

export async function answered(response: Response): Promise<Answer> {
  const text = await response.text();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !PASSING.includes(name)));
  const body = (text.startsWith('{') ? JSON.parse(text) : {}) as Partial<Pick<Answer, 'data' | 'errors'>>;
  return { status: response.status, headers, text, data: body.data ?? {}, errors: body.errors ?? [] };
}

/** The code of the first error, or `found`. */
export function codeIn({ errors, status }: Answer): string {
  const [error] = errors;
  if (error) return error.extensions?.code ?? 'no code';
  return status === 200 ? 'found' : `HTTP ${status}`;
}

/** The whole of an answer, to be compared with another, whichever of `data` and `errors` comes first in it. */
export const wholeOf = ({ status, headers, text, data, errors }: Answer): string =>
  JSON.stringify([status, headers, text.startsWith('{') ? [data, errors, text.length] : text]);

/** Does something for each of a list, some at a time. */
export async function forAll<T>(
  list: readonly T[],
  work: (each: T, index: number) => Promise<void>,
  atOnce = 8,
): Promise<void> {
  const waiting = list.entries();
  const worker = async (): Promise<void> => {
    for (const [index, each] of waiting) await work(each, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
