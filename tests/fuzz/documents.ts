import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

import type { Dice } from './dice.js';
import { servedSchema } from './served-schema.js';
import { literal, type ValueMaker } from './values.js';

export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

type Field = GraphQLField<unknown, unknown>;

/** Writes operations that the schema allows: any field, any selection, values in variables or in the document. */
export class DocumentMaker {
  private readonly declared: string[] = [];
  private readonly variables: Record<string, unknown> = {};
  private readonly fragments: string[] = [];

  constructor(
    private readonly dice: Dice,
    private readonly values: ValueMaker,
    /** Fields of Query and Mutation that are left out. */
    private readonly left: ReadonlySet<string>,
  ) {}

  make(): Operation {
    const kind = this.dice.chance(0.7) ? 'query' : 'mutation';
    const root = kind === 'query' ? servedSchema.getQueryType() : servedSchema.getMutationType();
    if (!root) throw new Error(`There is no ${kind}.`);
    const fields = Object.values(root.getFields()).filter(({ name }) => !this.left.has(name));
    const body = this.dice.several(1, kind === 'query' ? 3 : 1, () => this.field(this.dice.pick(fields), 0)).join(' ');
    const declared = this.declared.length > 0 ? `(${this.declared.join(', ')})` : '';
    return { query: `${kind} ${declared} { ${body} } ${this.fragments.join(' ')}`, variables: this.variables };
  }

  private field(field: Field, depth: number): string {
    const alias = this.dice.chance(depth === 0 ? 0.7 : 0.05) ? `a${this.dice.whole(0, 99)}: ` : '';
    const given = field.args.filter((argument) => isRequiredArgument(argument) || this.dice.chance(0.5));
    const args = given.length > 0 ? `(${given.map((argument) => this.argument(argument)).join(', ')})` : '';
    const directive = this.dice.chance(0.03)
      ? ` @${this.dice.pick(['include', 'skip'])}(if: ${String(this.dice.chance(0.5))})`
      : '';
    const type = getNamedType(field.type);
    return `${alias}${field.name}${args}${directive}${isObjectType(type) ? ` ${this.selection(type, depth + 1)}` : ''}`;
  }

  private selection(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields()).filter(
      (field) => isLeafType(getNamedType(field.type)) || this.dice.chance(depth < 7 ? 0.7 : 0),
    );
    const some = fields.filter(() => this.dice.chance(0.6));
    const body =
      [...(some.length > 0 ? some : fields.slice(0, 1))].map((field) => this.field(field, depth)).join(' ') ||
      '__typename';
    if (this.dice.chance(0.06)) {
      const name = `F${this.fragments.length}`;
      this.fragments.push(`fragment ${name} on ${type.name} { ${body} }`);
      return `{ ...${name} }`;
    }
    return this.dice.chance(0.06) ? `{ ... on ${type.name} { ${body} } }` : `{ ${body} }`;
  }

  private argument({ name, type }: GraphQLArgument): string {
    const value = this.values.of(type, name);
    if (this.dice.chance(0.35)) return `${name}: ${literal(value, type)}`;
    const variable = `v${this.declared.length}`;
    this.declared.push(`$${variable}: ${type.toString()}`);
    this.variables[variable] = value;
    return `${name}: $${variable}`;
  }
}

/** Pieces that documents are made of, and that attacks on them are made of. */
const PIECES = [
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ':',
    '!',
    '$',
    '@',
    '...',
    '|',
    '&',
    '"',
    '"""',
    '#',
    ',',
    '\ufeff',
    '\u0000',
    '\\',
    '`',
  ],
  ...[
    'query',
    'mutation',
    'subscription',
    'fragment F on Query',
    ' on ',
    '...F0',
    '@skip(if: true)',
    '@include(if: $v0)',
    '@deprecated',
  ],
  ...['__typename', '__schema { types { name } }', '__type(name: "Query") { fields { name } }', '{ a { a { a'],
  ...[
    '"\\ud800"',
    '"\\u{110000}"',
    '1e999',
    '-',
    'null',
    'true',
    '$v0',
    'a: b: c',
    'extend type Query { a: Int }',
    'schema { query: Query }',
  ],
];

/** A document with something cut out, doubled, put in, turned round, repeated or nested without end. */
export function mutated(query: string, dice: Dice): string {
  let text = query;
  for (let time = dice.whole(1, 4); time > 0; time -= 1) {
    const from = dice.whole(0, text.length);
    const to = Math.min(text.length, from + dice.whole(0, 40));
    const [before, slice, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
    text = dice.pick([
      () => before + after,
      () => before + slice + slice + after,
      () => before + dice.pick(PIECES) + slice + after,
      () => before + [...slice].reverse().join('') + after,
      () => before + dice.pick(PIECES).repeat(dice.whole(2, 300)) + after,
      () => before + '{ a '.repeat(dice.whole(10, 3_000)) + after,
      () => `${text} ${text}`,
      () => before + dice.bytes(dice.whole(1, 20)).toString('utf8') + after,
    ])();
    if (text.length > 100_000) return text.slice(0, 100_000);
  }
  return text;
}
