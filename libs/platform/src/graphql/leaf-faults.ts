import {
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  Kind,
  type GraphQLEnumType,
  type GraphQLScalarType,
  type ValueNode,
} from 'graphql';
import type { InputRule } from './fault-list.js';
import { kindOf, kindOfNode, quoted, wordsOf } from './wording.js';

export interface LeafFault {
  readonly rule: InputRule;
  readonly message: string;
}

const smallestInt = -(2 ** 31);
const largestInt = 2 ** 31 - 1;

const type = (message: string): LeafFault => ({ rule: 'type', message });
const scalar = (message: string): LeafFault => ({ rule: 'scalar', message });

/** What is wrong with a JSON value where a scalar or an enum stands; undefined where it fits. */
export function leafValueFault(value: unknown, leaf: GraphQLScalarType | GraphQLEnumType): LeafFault | undefined {
  if (isEnumType(leaf)) {
    return typeof value === 'string'
      ? enumFault(value, leaf)
      : type(`Give a word of ${leaf.name}, not ${kindOf(value)}.`);
  }
  return (
    builtInFault(value, kindOf(value), leaf.name) ??
    (isBuiltIn(leaf) ? undefined : parseFault(() => leaf.parseValue(value), leaf))
  );
}

/** The same for a value that is written in the document. */
export function leafLiteralFault(node: ValueNode, leaf: GraphQLScalarType | GraphQLEnumType): LeafFault | undefined {
  if (isEnumType(leaf)) {
    if (node.kind === Kind.ENUM) return enumFault(node.value, leaf);
    if (node.kind === Kind.STRING && leaf.getValue(node.value))
      return type(`Write the word ${node.value} without quotes.`);
    return type(`Give a word of ${leaf.name}, not ${kindOfNode(node)}.`);
  }
  if (!isBuiltIn(leaf)) return parseFault(() => leaf.parseLiteral(node), leaf);
  if (node.kind === Kind.INT && leaf.name === GraphQLID.name) return undefined;
  return builtInFault(jsonOf(node, leaf), kindOfNode(node), leaf.name);
}

/** A literal as the JSON value that a built-in scalar would take it for; undefined where it takes none such. */
function jsonOf(node: ValueNode, leaf: GraphQLScalarType): unknown {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
      return Number(node.value);
    case Kind.FLOAT:
      // A number with a point or an exponent is no Int, whatever its digits.
      return leaf.name === GraphQLFloat.name
        ? Number(node.value)
        : leaf.name === GraphQLInt.name
          ? Number.NaN
          : undefined;
    default:
      return undefined;
  }
}

const isBuiltIn = (leaf: GraphQLScalarType): boolean =>
  [GraphQLString, GraphQLInt, GraphQLFloat, GraphQLBoolean, GraphQLID].some(({ name }) => name === leaf.name);

function enumFault(word: string, leaf: GraphQLEnumType): LeafFault | undefined {
  if (leaf.getValue(word)) return undefined;
  const words = leaf.getValues().map(({ name }) => name);
  return { rule: 'enum', message: `${quoted(word)} is no ${leaf.name}. ${wordsOf(word, words)}` };
}

function builtInFault(value: unknown, kind: string, name: string): LeafFault | undefined {
  switch (name) {
    case GraphQLString.name:
      return typeof value === 'string' ? textFault(value) : type(`Give a text, not ${kind}.`);
    case GraphQLInt.name:
      return intFault(value, kind);
    case GraphQLFloat.name:
      return Number.isFinite(value) ? undefined : type(`Give a number, not ${kind}.`);
    case GraphQLBoolean.name:
      return typeof value === 'boolean' ? undefined : type(`Give true or false, not ${kind}.`);
    case GraphQLID.name:
      return typeof value === 'string'
        ? textFault(value)
        : Number.isInteger(value)
          ? undefined
          : type(`Give an id, not ${kind}.`);
    default:
      return undefined;
  }
}

function intFault(value: unknown, kind: string): LeafFault | undefined {
  if (typeof value !== 'number') return type(`Give a whole number, not ${kind}.`);
  if (!Number.isInteger(value)) return type('Give a whole number, without a fraction.');
  if (value >= smallestInt && value <= largestInt) return undefined;
  return scalar(`Give a whole number from ${smallestInt} to ${largestInt}.`);
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair in a text, so neither gets as far as a statement. */
function textFault(text: string): LeafFault | undefined {
  if (text.includes('\u0000')) return scalar('Leave out the character U+0000: no text can hold it.');
  return text.isWellFormed() ? undefined : scalar('Leave out the half of a surrogate pair: it is no character.');
}

function parseFault(parse: () => unknown, leaf: GraphQLScalarType): LeafFault | undefined {
  try {
    return parse() === undefined ? scalar(`Give a valid ${leaf.name}.`) : undefined;
  } catch (error) {
    return scalar(error instanceof GraphQLError ? error.message : `Give a valid ${leaf.name}.`);
  }
}
