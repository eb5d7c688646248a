import {
  getNamedType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';

import type { Dice } from './dice.js';

/** Things that exist: ids of records, whether the caller may see them or not, cursors, codes. */
export interface Known {
  readonly ids: readonly string[];
  /** Those of operations, for places that ask for one. */
  readonly operations: readonly string[];
  readonly cursors: readonly string[];
}

const COUNTRIES = ['KE', 'TZ', 'UG', 'NA', 'NL', 'OM', 'XZ', 'ZZ', 'QQ', 'RW'];
const WORDS = [
  ...[
    'household-waste',
    'CSQU3054383',
    'KEMBA',
    '9074729',
    'Africa/Nairobi',
    'USD',
    '2525',
    '3915.10',
    'Used tyres',
    'route',
  ],
  ...['50071525', 'a reason', 'someone@example.org', 'CITES II', 'KBA 123C'],
];

/** Texts that have broken other systems: by their size, their form, or by whoever reads them further in. */
const HOSTILE_TEXTS: readonly ((dice: Dice) => string)[] = [
  () => '',
  () => '1e400',
  () => `${'9'.repeat(400)}.${'9'.repeat(400)}`,
  () => '-0.000000000',
  () => "'; DROP TABLE violations; --",
  () => "' OR '1'='1",
  () => '$1',
  () => '%_\\%',
  () => '\\x00',
  () => '\u0000',
  () => '\ud800',
  () => '\u202e\u2066evil\u200b',
  () => '👩‍👩‍👧‍👦'.repeat(50),
  () => 'İıſK',
  () => 'e\u0301'.repeat(300),
  () => '${7*7}{{7*7}}<%= 7*7 %>#{7*7}',
  () => '<script>alert(1)</script>',
  () => '../../../../etc/passwd',
  () => '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d',
  () => '__proto__',
  () => 'constructor',
  () => `${'a'.repeat(30_000)}!`,
  () => ' '.repeat(20_000),
  () => '\r\nSet-Cookie: a=b',
  () => '2026-02-30T25:61:61Z',
  () => '0001-01-01T00:00:00+23:59',
  () => '9999-12-31T23:59:59-23:59',
  () => '00000000-0000-0000-0000-000000000000',
  (dice) => dice.bytes(40).toString('latin1'),
];

/** Values of other kinds than the one that is asked for. */
const HOSTILE: readonly ((dice: Dice) => unknown)[] = [
  () => null,
  () => true,
  () => [],
  () => ({}),
  () => -1,
  () => 0,
  () => 1e308,
  () => 2 ** 31,
  () => 2 ** 53 + 2,
  () => 1.5,
  () => JSON.parse('{"__proto__": {"polluted": true}}') as unknown,
  () => ({ toString: 'x', valueOf: 1, then: 'y', length: 1e9 }),
  (dice) => nested(dice.whole(5, 400)),
  (dice) => Array.from({ length: dice.whole(2, 300) }, () => 'KE'),
];

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Makes values for places of the schema: right ones, and ones that are wrong in some place. */
export class ValueMaker {
  constructor(
    private readonly dice: Dice,
    private readonly known: Known,
    /** How often, at each place, something hostile stands in place of a right value. */
    private readonly hostility: number,
  ) {}

  /** @param instead what would be right there: in place of a text stands another text, more often than not, so that it gets further in */
  hostile(instead?: unknown): unknown {
    const isText = typeof instead === 'string' ? this.dice.chance(0.8) : this.dice.chance(0.4);
    return this.dice.pick(isText ? HOSTILE_TEXTS : HOSTILE)(this.dice);
  }

  /** @param name of the argument or field that the value is for */
  of(type: GraphQLInputType, name: string, depth = 0): unknown {
    if (this.dice.chance(this.hostility)) return this.hostile(isLeafType(getNamedType(type)) ? '' : undefined);
    if (isNonNullType(type)) return this.of(type.ofType, name, depth);
    if (isListType(type)) {
      const { ofType } = type;
      return this.dice.several(0, depth > 3 ? 1 : 3, () => this.of(ofType, name, depth + 1));
    }
    if (isEnumType(type)) return this.dice.pick(type.getValues()).name;
    if (!isInputObjectType(type)) return this.scalar(type.name, name);
    const fields = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || this.dice.chance(depth > 4 ? 0 : 0.4),
    );
    const value = Object.fromEntries(fields.map((field) => [field.name, this.of(field.type, field.name, depth + 1)]));
    return this.dice.chance(this.hostility)
      ? { ...value, [this.dice.pick(['extra', '__typename', 'isAdmin'])]: 1 }
      : value;
  }

  private scalar(type: string, name: string): unknown {
    const { dice } = this;
    switch (type) {
      case 'UUID':
        if (/^operationIds?$/.test(name) && dice.chance(0.9)) return dice.pick(this.known.operations);
        return dice.chance(0.85) ? dice.pick(this.known.ids) : dice.uuid();
      case 'DateTime':
        return new Date(Date.now() - dice.whole(-3, 200) * 3_600_000).toISOString();
      case 'Date':
        return new Date(Date.now() + dice.whole(-40, 40) * 86_400_000).toISOString().slice(0, 10);
      case 'Decimal':
        return `${dice.whole(0, 100_000)}.${dice.whole(0, 99)}`;
      case 'CountryCode':
        return dice.pick(COUNTRIES);
      case 'Int':
        return dice.pick([1, 1, 2, 3, 50, 200, 201]);
      case 'Float':
        return dice.next() * 180 - 90;
      case 'Boolean':
        return dice.chance(0.5);
      default:
        return dice.chance(0.2) ? dice.pick(this.known.cursors) : dice.pick(WORDS);
    }
  }
}

/** A value as it is written in a document. What no document can hold is written as JSON would have it. */
export function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (Array.isArray(value)) {
    const inner = isListType(type) ? type.ofType : type;
    return `[${value.map((item) => literal(item, inner)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = isInputObjectType(type) ? type.getFields() : {};
    const written = Object.entries(value).map(
      ([name, inner]) => `${name}: ${literal(inner, fields[name]?.type ?? type)}`,
    );
    return `{ ${written.join(', ')} }`;
  }
  if (isEnumType(type) && typeof value === 'string' && /^[A-Z_]+$/.test(value)) return value;
  return JSON.stringify(value);
}
