import { isDate } from 'node:util/types';
import { Decimal } from 'decimal.js';
import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped, type ValueNode } from 'graphql';

const isoDay = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const rfc3339 =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const decimalInput = /^-?([0-9]+)(?:\.([0-9]+))?$/;
const countryCode = /^[A-Z]{2}$/;

/** The contract's limits of a Decimal as input. */
const digitsBeforePoint = 20;
const digitsAfterPoint = 9;

/** The first and the last instant whose year has four digits in UTC. */
const firstInstant = Date.parse('0001-01-01T00:00:00.000Z');
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z');

interface TextScalar<T> {
  readonly name: string;
  readonly description: string;
  readonly specifiedByURL?: string;
  /** Said when what was sent is no text at all. */
  readonly asText: string;
  /** Gives the value, or throws a GraphQLError that says how to mend the text. */
  readonly read: (text: string) => T;
  readonly write: (value: unknown) => string;
}

/** A scalar that is written as a string, in variables and in the document alike. */
function textScalar<T>({
  name,
  description,
  specifiedByURL,
  asText,
  read,
  write,
}: TextScalar<T>): GraphQLScalarType<T, string> {
  return new GraphQLScalarType<T, string>({
    name,
    description,
    specifiedByURL,
    parseValue: (value) => {
      if (typeof value !== 'string') throw new GraphQLError(asText);
      return read(value);
    },
    parseLiteral: (node: ValueNode) => {
      if (node.kind !== Kind.STRING) throw new GraphQLError(asText);
      return read(node.value);
    },
    serialize: write,
  });
}

/** An answer that does not have the form which the schema promises is a fault of ours, and never the client's to mend. */
function cannotWrite(scalar: string, value: unknown): never {
  throw new TypeError(`A value of type ${typeof value} cannot be written as ${scalar}.`);
}

const leapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysIn(year: number, month: number): number {
  if (month === 2) return leapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Says what is wrong with a day written as YYYY-MM-DD; undefined where the day exists in the years 1 to 9999. */
function wrongDay(text: string): string | undefined {
  const parts = isoDay.exec(text);
  if (!parts) return 'Give a day as YYYY-MM-DD, such as 2018-10-31.';
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (year < 1) return 'Give a year from 0001 to 9999.';
  if (month < 1 || month > 12) return 'Give a month from 01 to 12.';
  if (day < 1 || day > daysIn(year, month))
    return `Give a day that exists: that month has ${daysIn(year, month)} days.`;
  return undefined;
}

function readInstant(text: string): Date {
  const parts = rfc3339.exec(text);
  if (!parts) {
    throw new GraphQLError(
      'Give an instant as RFC 3339 with a zone offset or Z, such as 2018-10-31T08:30:00Z or 2018-10-31T11:30:00+03:00.',
    );
  }
  const [
    ,
    day = '',
    hour = '',
    minute = '',
    second = '',
    fraction = '',
    sign = '+',
    offsetHour = '00',
    offsetMinute = '00',
  ] = parts;
  const dayFault = wrongDay(day);
  if (dayFault) throw new GraphQLError(dayFault);
  if (Number(hour) > 23) throw new GraphQLError('Give an hour from 00 to 23.');
  if (Number(minute) > 59) throw new GraphQLError('Give minutes from 00 to 59.');
  if (second === '60')
    throw new GraphQLError('Give seconds from 00 to 59: leap seconds are not kept, send the next second.');
  if (Number(second) > 59) throw new GraphQLError('Give seconds from 00 to 59.');
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59)
    throw new GraphQLError('Give a zone offset from -23:59 to +23:59, or Z.');
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const local = Date.parse(`${day}T${hour}:${minute}:${second}.${milliseconds}Z`);
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const instant = sign === '-' ? local + offset : local - offset;
  if (instant < firstInstant || instant > lastInstant)
    throw new GraphQLError('Give an instant in the years 0001 to 9999 of UTC.');
  return new Date(instant);
}

function writeInstant(value: unknown): string {
  // A text without a zone would be read in the zone of the machine, so only RFC 3339 is taken.
  const instant = typeof value === 'string' && rfc3339.test(value) ? new Date(value) : value;
  if (!isDate(instant) || Number.isNaN(instant.getTime())) return cannotWrite('DateTime', value);
  return instant.toISOString();
}

function readDecimal(text: string): string {
  const parts = decimalInput.exec(text);
  if (!parts)
    throw new GraphQLError(
      'Give an exact decimal such as "1234.50": digits and one point, no exponent, sign + or separators.',
    );
  if ((parts[1] ?? '').length > digitsBeforePoint)
    throw new GraphQLError(`Give at most ${digitsBeforePoint} digits before the point.`);
  if ((parts[2] ?? '').length > digitsAfterPoint)
    throw new GraphQLError(`Give at most ${digitsAfterPoint} digits after the point.`);
  return text;
}

function writeDecimal(value: unknown): string {
  if (typeof value === 'string' && decimalInput.test(value)) return value;
  if (typeof value === 'bigint') return value.toString();
  if (Decimal.isDecimal(value) && value.isFinite()) return value.isZero() ? value.abs().toFixed() : value.toFixed();
  return cannotWrite('Decimal', value);
}

/** An id. That one made by a sender is a UUIDv7 is judged with the fields, so that it comes in one answer with them. */
export const UUIDScalar = textScalar<string>({
  name: 'UUID',
  description:
    'A UUID (RFC 9562) in its hyphenated form. Capitals are taken as small letters. UUIDv7 where the sender makes it.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc9562',
  asText: 'Give a UUID as a string.',
  read: (text) => {
    if (!uuid.test(text)) throw new GraphQLError('Give a UUID: 32 hexadecimal digits as 8-4-4-4-12, with hyphens.');
    return text.toLowerCase();
  },
  write: (value) => (typeof value === 'string' ? value : cannotWrite('UUID', value)),
});

/** An instant: a `Date` inside (milliseconds; finer digits are cut off), ISO 8601 in UTC outside. */
export const DateTimeScalar = textScalar<Date>({
  name: 'DateTime',
  description:
    'An instant as RFC 3339 with a zone offset or Z, kept to the millisecond. Answers are in UTC: 2018-10-31T08:30:00.000Z.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  asText: 'Give an instant as a string, such as "2018-10-31T08:30:00Z".',
  read: readInstant,
  write: writeInstant,
});

/** A calendar day, a string inside too: a day has no instant until a time zone is named. */
export const DateScalar = textScalar<string>({
  name: 'Date',
  description:
    'A calendar day, YYYY-MM-DD, in the years 0001 to 9999. Days of an operation are days in its own time zone.',
  asText: 'Give a day as a string, such as "2018-10-31".',
  read: (text) => {
    const fault = wrongDay(text);
    if (fault) throw new GraphQLError(fault);
    return text;
  },
  write: (value) => (typeof value === 'string' && isoDay.test(value) ? value : cannotWrite('Date', value)),
});

/** Money and quantities: the string as it was sent, never a float. Its sign is judged with the fields. */
export const DecimalScalar = textScalar<string>({
  name: 'Decimal',
  description:
    'An exact decimal as a string, "1234.50": -?digits[.digits], no exponent. As input at most 20 digits before the point and 9 ' +
    'after it; results may be longer.',
  asText: 'Send the decimal as a string, such as "1234.50": a JSON number may lose digits.',
  read: readDecimal,
  write: writeDecimal,
});

/** Whether the country exists is judged with the fields. */
export const CountryCodeScalar = textScalar<string>({
  name: 'CountryCode',
  description:
    'A country by the two capital letters of ISO 3166-1. XZ is the high seas and ZZ is unknown, where they may stand.',
  asText: 'Give a country as a string of two capital letters, such as "KE".',
  read: (text) => {
    if (!countryCode.test(text)) throw new GraphQLError('Give two capital letters of ISO 3166-1, such as KE.');
    return text;
  },
  write: (value) => (typeof value === 'string' ? value : cannotWrite('CountryCode', value)),
});

export const JSONScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value.',
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
  serialize: (value) => value,
});
