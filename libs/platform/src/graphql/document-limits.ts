import { GraphQLError, Kind, parse, type DocumentNode, type SelectionSetNode } from 'graphql';
import { MusterError } from '../errors.js';

/** The contract's deepest useful query has ten levels, GraphiQL's question about the schema sixteen. */
export const deepestQuery = 20;
/** A mutation with every field written out and a hundred goods lines fits; variables are not counted. */
export const mostTokens = 5_000;
/** In characters. Documents are kept in memory to be found again, so a large one would be kept as well; data goes in variables. */
export const longestDocument = 64 * 1024;

const tooDeep = (): MusterError =>
  new MusterError('BAD_USER_INPUT', `The query is too deep: ${deepestQuery} levels are the most.`);

/** Reads a document, or throws BAD_USER_INPUT: where it is no GraphQL, too long or too deep. */
export function readDocument(source: string): DocumentNode {
  if (source.length > longestDocument) {
    throw new MusterError(
      'BAD_USER_INPUT',
      `The query is too long: send at most ${longestDocument} characters, and data in variables.`,
    );
  }
  const document = parsed(source);
  if (depthOf(document) > deepestQuery) throw tooDeep();
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
    throw new MusterError(
      'BAD_USER_INPUT',
      at ? `${error.message} (line ${at.line}, column ${at.column})` : error.message,
    );
  }
}

/** The most levels of fields from a root field down, through fragments; a circle of fragments counts as no level, GraphQL refuses it. */
function depthOf(document: DocumentNode): number {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  const known = new Map<string, number>();
  const depthOfSet = (set: SelectionSetNode): number => {
    let deepest = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        deepest = Math.max(deepest, 1 + (selection.selectionSet ? depthOfSet(selection.selectionSet) : 0));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        deepest = Math.max(deepest, depthOfSet(selection.selectionSet));
      } else {
        deepest = Math.max(deepest, depthOfFragment(selection.name.value));
      }
    }
    return deepest;
  };
  const depthOfFragment = (name: string): number => {
    const before = known.get(name);
    if (before !== undefined) return before;
    known.set(name, 0);
    const set = fragments.get(name);
    const depth = set ? depthOfSet(set) : 0;
    known.set(name, depth);
    return depth;
  };
  return document.definitions.reduce(
    (deepest, definition) =>
      'selectionSet' in definition ? Math.max(deepest, depthOfSet(definition.selectionSet)) : deepest,
    0,
  );
}
