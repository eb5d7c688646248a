import {
  getNamedType,
  getOperationAST,
  GraphQLError,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type DocumentNode,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { getComplexity, type ComplexityEstimatorArgs } from 'graphql-query-complexity';
import { MusterError } from '../errors.js';

/**
 * What one operation may cost. A unit is one value of the answer. The dearest question of the contract, a page of 200 seizures with
 * everything told of them and of their violations, takes half of it, and a page of 200 violations beside it fits.
 */
export const mostCost = 400_000;
/** Pages hold at most so many; a longer one is refused with its field, by who gives the page. */
const longestPage = 200;
/** Items that an unpaged list of objects is taken to hold, where nothing else is said of it. */
const usualItems = 5;
/** Fields looked at in one operation, counted as often as fragments bring them. */
const mostNodes = 5_000;

/** What is said of a field, under its name as `Violation.lines`, or of all fields with an argument, as `*(password)`. */
export interface FieldCost {
  /** Items that this list is taken to hold. */
  readonly items?: number;
  /** What the field costs by itself: 1 unless it takes more than to be written down. */
  readonly own?: number;
}

export type FieldCosts = Readonly<Record<string, FieldCost>>;

type Variables = Readonly<Record<string, unknown>>;

/** Costs kept of one document; a document is sent with a few page sizes at most. */
const mostKept = 32;

/**
 * Computes what an operation would cost before it runs: a field costs one, an object what its fields cost, a list that for each item, a
 * page that for as many as were asked for. Fields that a directive leaves out cost nothing.
 */
export class QueryCost {
  private readonly kept = new WeakMap<DocumentNode, Map<string, number>>();
  private readonly pages = new WeakMap<GraphQLSchema, ReadonlySet<string>>();

  constructor(private readonly costs: FieldCosts = {}) {}

  /**
   * @param document one that GraphQL's validation has passed
   * @param variables such as GraphQL accepts
   * @throws BAD_USER_INPUT where the operation costs too much
   */
  check(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined, variables: Variables): void {
    const operation = getOperationAST(document, operationName);
    if (!operation) return;
    const cost = this.keptOf(schema, document, operation, variables);
    if (cost <= mostCost) return;
    throw new MusterError(
      'BAD_USER_INPUT',
      Number.isFinite(cost)
        ? `The query asks for too much at once: it costs ${cost}, and ${mostCost} is the most. Ask for shorter pages or fewer fields.`
        : `The query asks for too much at once: ${mostNodes} fields with those of its fragments are the most.`,
    );
  }

  /** Only whole numbers and truth values among the variables, page sizes and directives, change what an operation costs. */
  private keptOf(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables,
  ): number {
    let known = this.kept.get(document);
    if (!known) this.kept.set(document, (known = new Map<string, number>()));
    const decisive = Object.entries(variables).filter(
      ([, value]) => typeof value === 'number' || typeof value === 'boolean',
    );
    const key = JSON.stringify([operation.name?.value, decisive]);
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= mostKept) known.clear();
    const cost = this.of(schema, document, operation, variables);
    known.set(key, cost);
    return cost;
  }

  private of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables,
  ): number {
    const definitions = document.definitions.filter(
      (each) => each === operation || each.kind === Kind.FRAGMENT_DEFINITION,
    );
    try {
      return getComplexity({
        schema,
        query: { kind: Kind.DOCUMENT, definitions },
        variables: { ...variables },
        maxQueryNodes: mostNodes,
        estimators: [(field) => this.ofField(schema, field)],
      });
    } catch (error) {
      // Thrown for too many nodes alone: the document and its variables were found right before.
      if (error instanceof GraphQLError) return Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  private ofField(schema: GraphQLSchema, { type, field, args, childComplexity }: ComplexityEstimatorArgs): number {
    const said = this.costs[`${type.name}.${field.name}`] ?? this.saidOfArguments(field);
    return (said?.own ?? 1) + this.items(schema, type.name, field, args, said) * childComplexity;
  }

  private saidOfArguments({ args }: GraphQLField<unknown, unknown>): FieldCost | undefined {
    const named = args.find(({ name }) => this.costs[`*(${name})`] !== undefined);
    return named && this.costs[`*(${named.name})`];
  }

  private items(
    schema: GraphQLSchema,
    parent: string,
    field: GraphQLField<unknown, unknown>,
    args: Variables,
    said: FieldCost | undefined,
  ): number {
    if (isPaged(field)) {
      const { first } = args;
      return typeof first === 'number' ? Math.min(Math.max(first, 1), longestPage) : longestPage;
    }
    // The list within a page is as long as the page, which is counted above it.
    if (!isListOfObjects(field.type) || this.pagesOf(schema).has(parent)) return 1;
    return said?.items ?? usualItems;
  }

  private pagesOf(schema: GraphQLSchema): ReadonlySet<string> {
    let names = this.pages.get(schema);
    if (!names) {
      const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
        isObjectType(type) ? Object.values(type.getFields()) : [],
      );
      names = new Set(fields.filter(isPaged).map(({ type }) => getNamedType(type).name));
      this.pages.set(schema, names);
    }
    return names;
  }
}

const isPaged = ({ args }: GraphQLField<unknown, unknown>): boolean => args.some(({ name }) => name === 'first');

function isListOfObjects(type: GraphQLOutputType): boolean {
  if (isNonNullType(type)) return isListOfObjects(type.ofType);
  return isListType(type) && isCompositeType(getNamedType(type));
}
