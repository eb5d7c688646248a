import {
  GraphQLError,
  Kind,
  parse,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { MusterError } from '../errors.js';

/** The contract's deepest useful query has ten levels, GraphiQL's question about the schema sixteen. */
export const deepestQuery = 20;
/** A mutation with every field written out and a hundred goods lines fits; variables are not counted. */
export const mostTokens = 5_000;
/** In characters. Documents are kept in memory to be found again, so a large one would be kept as well; data goes in variables. */
export const longestDocument = 64 * 1024;
/**
 * Fields and fragments written in one document. Every field of the schema, each once, fits; GraphQL's own validation compares
 * each two fields of one name, so that a field written some thousand times would take seconds.
 */
export const mostSelections = 1_000;
/** Fields of Query or Mutation in one operation, counted as often as fragments bring them. A page of the hub asks for a dozen. */
export const mostRootFields = 30;
/** Fields under another name in one operation, counted as often as fragments bring them. */
export const mostAliases = 50;
/** An operation of the contract declares five. */
export const mostVariables = 100;

const refusal = (message: string): MusterError => new MusterError('BAD_USER_INPUT', message);

const tooDeep = (): MusterError => refusal(`The query is too deep: ${deepestQuery} levels are the most.`);

/** Reads a document, or throws BAD_USER_INPUT: where it is no GraphQL, too long, too deep or asks for too much at once. */
export function readDocument(source: string): DocumentNode {
  if (source.length > longestDocument) {
    throw refusal(`The query is too long: send at most ${longestDocument} characters, and data in variables.`);
  }
  const document = parsed(source);
  new DocumentMeasures(document).check();
  return document;
}

function parsed(source: string): DocumentNode {
  try {
    return parse(source, { noLocation: true, maxTokens: mostTokens });
  } catch (error) {
    // The parser goes down by recursion, so a document of nothing but opening brackets ends its stack.
    if (error instanceof RangeError) throw tooDeep();
    if (!(error instanceof GraphQLError)) throw error;
    const at = error.locations?.[0];
    throw refusal(at ? `${error.message} (line ${at.line}, column ${at.column})` : error.message);
  }
}

/** What stands below a place of a document, with its fragments followed. */
interface Measures {
  /** The most levels of fields. */
  readonly depth: number;
  readonly aliases: number;
  /** Fields at the place itself, those that fragments bring there among them. */
  readonly fields: number;
}

const nothing: Measures = { depth: 0, aliases: 0, fields: 0 };

/** Measures a document by its form alone; each fragment once, so that those that spread each other a thousandfold cost no more. */
class DocumentMeasures {
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly known = new Map<string, Measures>();
  private selections = 0;

  constructor(private readonly document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  /** @throws BAD_USER_INPUT for the first limit that the document breaks */
  check(): void {
    for (const definition of this.document.definitions) {
      if (definition.kind === Kind.OPERATION_DEFINITION) this.checkOperation(definition);
      // A fragment that no operation spreads is parsed and validated all the same.
      else if (definition.kind === Kind.FRAGMENT_DEFINITION) this.checkDepth(this.ofFragment(definition.name.value));
    }
    if (this.selections > mostSelections) {
      throw refusal(`The query is too large: ${mostSelections} fields in one document are the most.`);
    }
  }

  private checkOperation({ operation, selectionSet, variableDefinitions }: OperationDefinitionNode): void {
    const { depth, aliases, fields } = this.of(selectionSet);
    this.checkDepth({ depth });
    if (fields > mostRootFields) {
      throw refusal(`The ${operation} asks for too much at once: ${mostRootFields} fields of it are the most.`);
    }
    if (aliases > mostAliases) throw refusal(`The query has too many aliases: ${mostAliases} are the most.`);
    if ((variableDefinitions?.length ?? 0) > mostVariables) {
      throw refusal(`The query has too many variables: ${mostVariables} are the most.`);
    }
  }

  private checkDepth({ depth }: Pick<Measures, 'depth'>): void {
    if (depth > deepestQuery) throw tooDeep();
  }

  private of(set: SelectionSetNode): Measures {
    let { depth, aliases, fields } = nothing;
    this.selections += set.selections.length;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet ? this.of(selection.selectionSet) : nothing;
        depth = Math.max(depth, 1 + below.depth);
        aliases += below.aliases + (selection.alias ? 1 : 0);
        fields += 1;
      } else {
        const spread =
          selection.kind === Kind.INLINE_FRAGMENT
            ? this.of(selection.selectionSet)
            : this.ofFragment(selection.name.value);
        depth = Math.max(depth, spread.depth);
        aliases += spread.aliases;
        fields += spread.fields;
      }
    }
    return { depth, aliases, fields };
  }

  /** A circle of fragments counts as nothing; GraphQL refuses it. */
  private ofFragment(name: string): Measures {
    const before = this.known.get(name);
    if (before) return before;
    this.known.set(name, nothing);
    const fragment = this.fragments.get(name);
    const measures = fragment ? this.of(fragment.selectionSet) : nothing;
    this.known.set(name, measures);
    return measures;
  }
}
