import { errorCodes, type FastifyReply, type FastifyRequest } from 'fastify';
import { getOperationAST, Kind, NoSchemaIntrospectionCustomRule, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { MercuriusContext } from 'mercurius';
import { badInput, MusterError } from '../errors.js';
import { longestDocument, mostTokens, readDocument } from './document-limits.js';
import { formatErrors } from './error-formatter.js';
import { InputCheck } from './input-faults.js';
import { mayBeCompiled, withRequiredDefaults } from './jit-guard.js';
import { takeOnly, type PersistedOperations } from './persisted-operations.js';
import { QueryCost, type FieldCosts } from './query-cost.js';
import { checkSize } from './value-limits.js';

type Variables = Readonly<Record<string, unknown>>;

interface ReadDocument {
  readonly document: DocumentNode;
  /** By the operation's name as it was sent; made when first asked for. */
  readonly checks: Map<string | undefined, InputCheck>;
}

/** Documents that Mercurius and this door keep: clients send the same few; the limits of a document bound what they take. */
const documentsKept = 128;
/** Longer documents are read anew each time: what clients send again and again is shorter. */
const longestKept = longestDocument / 8;
/** Faults that GraphQL looks for in one document. */
const mostErrors = 100;
/** In bytes; the largest report with all its lines is far below. */
const largestBody = 1024 * 1024;

export interface DoorOptions {
  /** Whether the schema is told: by introspection, and by what a mistyped field may have meant. True unless given. */
  readonly tellsSchema?: boolean;
  /** The only operations that are taken; absent: any. */
  readonly operations?: PersistedOperations | undefined;
  /** What is said of fields that cost more, or lists that are longer, than others. */
  readonly costs?: FieldCosts;
}

/**
 * Mercurius's options for the one GraphQL endpoint, hooks included (as @nestjs/mercurius takes them; with plain Mercurius each
 * hook is given to `app.graphql.addHook`). Together they see to it that whatever GraphQL or HTTP refuses comes out as one
 * BAD_USER_INPUT error that names every wrong field, before anything runs, and the same with and without the compiled queries.
 */
export function graphqlDoor({ tellsSchema = true, operations, costs }: DoorOptions = {}) {
  return {
    jit: 1,
    cache: documentsKept,
    allowBatchedQueries: false,
    graphql: {
      parseOptions: { maxTokens: mostTokens },
      validateOptions: { maxErrors: mostErrors, hideSuggestions: !tellsSchema },
    },
    validationRules: tellsSchema ? [] : [NoSchemaIntrospectionCustomRule],
    errorFormatter: formatErrors,
    additionalRouteOptions: {
      bodyLimit: largestBody,
      // Mercurius's own schema of the answer would turn the indexes in an error's path into strings.
      serializerCompiler: () => (answer: unknown) => JSON.stringify(answer),
      preParsing: refuseOtherContentTypes,
      preHandler: operations ? [takeOnly(operations), keepVariables] : [keepVariables],
      // A HEAD twin of the GET route would run what Mercurius refuses by GET.
      exposeHeadRoute: false,
    },
    hooks: { preParsing: inputCheckHook(tellsSchema), preExecution: costAndJitHook(new QueryCost(costs)) },
  };
}

/** Fastify and Nest would read forms and plain text as well. */
async function refuseOtherContentTypes(request: FastifyRequest): Promise<void> {
  if (request.method !== 'POST') return Promise.resolve();
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  const isTaken = ['application/json', 'application/graphql'].includes(type.trim().toLowerCase());
  return isTaken ? Promise.resolve() : Promise.reject(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(type));
}

/** Kept on the request itself: what a WeakMap holds outlives most requests until the next full collection of garbage. */
const VARIABLES = Symbol('variables of the request');

type KeepingRequest = FastifyRequest & { [VARIABLES]?: unknown };

/**
 * Keeps the variables of a request from Mercurius until they were checked here. It would run them through graphql-js before each
 * execution, which checks them once more itself; that took a tenth of the time of a report.
 */
function keepVariables(request: KeepingRequest, _reply: FastifyReply, done: () => void): void {
  const body = request.body as { variables?: unknown } | null | undefined;
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    request[VARIABLES] = body.variables;
    body.variables = undefined;
  }
  done();
}

/** Reads the document first of all, and refuses it when it is none or when its input has faults. */
function inputCheckHook(tellsSchema: boolean) {
  const kept = new Map<string, ReadDocument>();
  let keptFor: GraphQLSchema | undefined;

  const read = (schema: GraphQLSchema, source: string): ReadDocument => {
    if (schema !== keptFor) kept.clear();
    keptFor = schema;
    const before = kept.get(source);
    const entry = before ?? { document: readDocument(source), checks: new Map<string | undefined, InputCheck>() };
    // Set again, so that the first entry of the map is always the one that was asked for longest ago.
    kept.delete(source);
    if (source.length <= longestKept) kept.set(source, entry);
    const [oldest] = kept.keys();
    if (kept.size > documentsKept && oldest !== undefined) kept.delete(oldest);
    return entry;
  };

  return (schema: GraphQLSchema, source: string, context: MercuriusContext): void => {
    const { document, checks } = read(schema, source);
    // A query that code of ours runs by itself has no request, and Mercurius checks its variables.
    if (!(context.reply as FastifyReply | undefined)) return;
    const { operationName, variables } = sentWith(context);
    let check = checks.get(operationName);
    if (!check) {
      const operation = getOperationAST(document, operationName);
      if (!operation) throw new MusterError('BAD_USER_INPUT', wrongOperation(document, operationName));
      check = new InputCheck(schema, document, operation, tellsSchema);
      checks.set(operationName, check);
    }
    checkSize(variables);
    const faults = check.faults(variables);
    if (faults.length > 0) throw badInput(faults);
  };
}

function wrongOperation(document: DocumentNode, name: string | undefined): string {
  if (!document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION))
    return 'The document holds no operation.';
  return name === undefined
    ? 'The document holds several operations: name one in operationName.'
    : 'The document holds no operation of the name in operationName.';
}

/** The variables and the operation's name of a request; Mercurius does not hand them to its first hook. */
function sentWith(context: MercuriusContext): {
  readonly operationName: string | undefined;
  readonly variables: Variables;
} {
  const request: KeepingRequest = context.reply.request;
  const sent = (request.method === 'GET' ? request.query : request.body) as {
    readonly operationName?: unknown;
    readonly variables?: unknown;
  } | null;
  const given = request[VARIABLES] ?? sent?.variables ?? {};
  const variables: unknown = typeof given === 'string' ? JSON.parse(given) : given;
  if (typeof variables !== 'object' || Array.isArray(variables)) {
    throw new MusterError('BAD_USER_INPUT', 'Send the variables as a JSON object.');
  }
  const operationName = typeof sent?.operationName === 'string' ? sent.operationName : undefined;
  return { operationName, variables: (variables ?? {}) as Variables };
}

/** Refuses what would cost too much; gives back the variables that were kept; keeps from graphql-jit what it would execute wrongly. */
function costAndJitHook(cost: QueryCost) {
  return (
    schema: GraphQLSchema,
    document: DocumentNode,
    context: MercuriusContext,
    given: Variables | null | undefined,
  ): { document?: DocumentNode; variables: Variables } => {
    // Without a request behind it the caller's own variables hold.
    const isRequest = (context.reply as FastifyReply | undefined) !== undefined;
    const { operationName, variables } = isRequest
      ? sentWith(context)
      : { operationName: undefined, variables: given ?? {} };
    if (isRequest) cost.check(schema, document, operationName, variables);
    // A document given back, be it the same, is executed by graphql-js.
    if (!mayBeCompiled(document)) return { document, variables };
    return { variables: withRequiredDefaults(schema, document, variables) ?? variables };
  };
}
