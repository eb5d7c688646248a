import { GraphQLError, type SourceLocation } from 'graphql';

/** A request that GraphQL or HTTP refuses as a whole, before any of it ran. */
export interface RefusedRequest {
  readonly statusCode: number;
  readonly message: string;
  readonly locations?: readonly SourceLocation[];
}

/** GraphQL finds up to a hundred faults in a document; so many are told in one message. */
const mostMessages = 10;

/** What Fastify says of a body, in words that say how to mend it. */
const bodyFaults = new Map<string, string>([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'The request body is too large.'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'Send the request as application/json.'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'Send a JSON body: { "query": …, "variables": … }.'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'The request body is no JSON.'],
]);

/** Says how a request was refused that never came to run; undefined where something else went wrong. */
export function refusedRequest(errors: readonly GraphQLError[]): RefusedRequest | undefined {
  // Found by graphql-js or graphql-jit in the document or its variables: nothing was thrown by code of ours.
  if (errors.every(isOfGraphQL)) return together(errors);
  const thrown = errors[0]?.originalError;
  return thrown ? refusalOf(thrown) : undefined;
}

const isOfGraphQL = (error: GraphQLError): boolean =>
  error.originalError === undefined || error.originalError === null || error.originalError instanceof GraphQLError;

function together(
  errors: readonly { readonly message: string; readonly locations?: readonly SourceLocation[] }[],
): RefusedRequest {
  const told = errors.slice(0, mostMessages);
  return {
    statusCode: 200,
    message: [...new Set(told.map(({ message }) => message))].join(' '),
    locations: told.flatMap(({ locations }) => locations ?? []),
  };
}

interface ThrownError extends Error {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly errors?: unknown;
  readonly validation?: unknown;
}

function refusalOf(thrown: ThrownError): RefusedRequest | undefined {
  const statusCode = typeof thrown.statusCode === 'number' ? thrown.statusCode : 500;
  const code = typeof thrown.code === 'string' ? thrown.code : '';
  if (code === 'MER_ERR_GQL_VALIDATION') return documentRefusal(thrown, statusCode);
  if (code === 'MER_ERR_METHOD_NOT_ALLOWED') return { statusCode, message: 'Send mutations by POST.' };
  if (code === 'MER_ERR_GQL_PERSISTED_QUERY_NOT_FOUND') return { statusCode, message: 'Send a query.' };
  if (statusCode < 400 || statusCode >= 500) return undefined;
  if (code.startsWith('FST_ERR_'))
    return { statusCode, message: bodyFaults.get(code) ?? 'The request cannot be read.' };
  // Keys such as __proto__, which the JSON reader refuses.
  if (thrown instanceof SyntaxError) return { statusCode, message: 'The request body is no JSON that can be taken.' };
  return undefined;
}

function documentRefusal(thrown: ThrownError, statusCode: number): RefusedRequest {
  const errors = (Array.isArray(thrown.errors) ? thrown.errors : []).filter(
    (each): each is ThrownError => each instanceof Error,
  );
  if (errors.length === 0) return { statusCode, message: 'The variables or extensions are no JSON.' };
  const ofBody = errors.find(({ validation }) => validation !== undefined);
  if (ofBody) return { statusCode, message: `Send one request as a JSON object: ${ofBody.message}.` };
  return together(errors);
}
