import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { Kind, parseValue as parseLiteral, type GraphQLScalarType } from 'graphql';
import { CountryCodeScalar, DateScalar, DateTimeScalar, DecimalScalar, JSONScalar, UUIDScalar } from './scalars.js';

const read = (scalar: GraphQLScalarType, value: unknown): unknown => scalar.parseValue(value);
const takes = (scalar: GraphQLScalarType, value: unknown): boolean => {
  try {
    return read(scalar, value) !== undefined;
  } catch {
    return false;
  }
};

const textScalars: [GraphQLScalarType, string][] = [
  [UUIDScalar, '0190163d-8694-739b-aea5-966c26f8ad90'],
  [DateTimeScalar, '2018-10-31T08:30:00Z'],
  [DateScalar, '2018-10-31'],
  [DecimalScalar, '1234.50'],
  [CountryCodeScalar, 'KE'],
];

describe.each(textScalars)('%s', (scalar, good) => {
  it('is taken in the document as in a variable', () => {
    expect(scalar.parseLiteral({ kind: Kind.STRING, value: good })).toEqual(read(scalar, good));
  });

  it.each([5, 5.5, true, {}, [], [good]])('%j is not taken for a text', (value) => {
    expect(() => read(scalar, value)).toThrow(/string/);
  });

  it.each(['5', '5.5', 'true', 'KE', '{a: 1}', '[1]'])('the literal %s is not taken for a text', (literal) => {
    expect(() => scalar.parseLiteral(parseLiteral(literal))).toThrow(/string/);
  });

  it.each(['\n', ' ', '\u0000', '\u200b', '\u2028'])('nothing may stand around it, not even %j', (extra) => {
    expect(takes(scalar, good)).toBe(true);
    expect(takes(scalar, good + extra)).toBe(false);
    expect(takes(scalar, extra + good)).toBe(false);
    expect(takes(scalar, `${good}\n${good}`)).toBe(false);
  });

  it('digits and letters of other scripts are refused', () => {
    const foreign = good.replace(/[0-9]/g, (digit) => String.fromCodePoint(0x0660 + Number(digit))).replace('KE', 'ΚΕ');
    expect(foreign).not.toBe(good);
    expect(takes(scalar, foreign)).toBe(false);
  });

  it('any other text is refused with a sentence, never with another kind of error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        try {
          read(scalar, text);
        } catch (error) {
          expect(error).toHaveProperty('name', 'GraphQLError');
          expect((error as Error).message).toMatch(/^Give .*\.$/);
        }
      }),
    );
  });
});

describe('UUID', () => {
  it('any version is taken, in small letters', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(read(UUIDScalar, id)).toBe(id);
        expect(read(UUIDScalar, id.toUpperCase())).toBe(id);
        expect(takes(UUIDScalar, id.replaceAll('-', ''))).toBe(false);
        expect(takes(UUIDScalar, `{${id}}`)).toBe(false);
        expect(takes(UUIDScalar, `urn:uuid:${id}`)).toBe(false);
      }),
    );
  });
});

describe('DateTime', () => {
  const instants = fc.date({
    min: new Date('0001-01-02T00:00:00Z'),
    max: new Date('9999-12-30T00:00:00Z'),
    noInvalidDate: true,
  });
  const offset = (minutes: number): string => {
    const size = Math.abs(minutes);
    const two = (value: number): string => String(value).padStart(2, '0');
    return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  };

  it('every instant of the years 1 to 9999 is read from any zone offset, and written in UTC', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: -1439, max: 1439 }), (instant, minutes) => {
        const local = new Date(instant.getTime() + minutes * 60_000).toISOString().replace('Z', offset(minutes));
        expect(read(DateTimeScalar, local)).toEqual(instant);
        expect(DateTimeScalar.serialize(instant)).toBe(instant.toISOString());
        expect(read(DateTimeScalar, DateTimeScalar.serialize(instant))).toEqual(instant);
      }),
    );
  });

  it.each([
    ['2018-10-31t08:30:00z', '2018-10-31T08:30:00.000Z'],
    ['2018-10-31T08:30:00.1Z', '2018-10-31T08:30:00.100Z'],
    ['2018-10-31T08:30:00.999999999Z', '2018-10-31T08:30:00.999Z'],
    ['2018-10-31T08:30:00-00:00', '2018-10-31T08:30:00.000Z'],
    ['2020-02-29T23:59:59+03:00', '2020-02-29T20:59:59.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, utc) => {
    expect(read(DateTimeScalar, text)).toEqual(new Date(utc));
  });

  it.each([
    '2018-10-31',
    '2018-10-31T08:30Z',
    '2018-10-31T08:30:00',
    '2018-10-31 08:30:00Z',
    '2018-10-31T08:30:00.Z',
    '2018-10-31T08:30:00,5Z',
    '2018-10-31T08:30:00+3:00',
    '2018-10-31T08:30:00+0300',
    '2018-10-31T08:30:00+24:00',
    '2018-10-31T08:30:00+03:60',
    '2018-10-31T08:30:00 Europe/Amsterdam',
    '2018-10-31T24:00:00Z',
    '2018-10-31T08:60:00Z',
    '2016-12-31T23:59:60Z',
    '2018-10-31T08:30:61Z',
    '2018-02-29T08:30:00Z',
    '1900-02-29T08:30:00Z',
    '2018-04-31T08:30:00Z',
    '2018-13-01T08:30:00Z',
    '2018-00-01T08:30:00Z',
    '2018-01-00T08:30:00Z',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '+12018-10-31T08:30:00Z',
    '1540974600',
  ])('%s is refused', (text) => {
    expect(takes(DateTimeScalar, text)).toBe(false);
  });

  it('a text from the database is written in UTC, and what is no instant is a fault of ours', () => {
    expect(DateTimeScalar.serialize('2018-10-31T11:30:00.123456+03:00')).toBe('2018-10-31T08:30:00.123Z');
    for (const wrong of ['2018-10-31T11:30:00', new Date(Number.NaN), 5, null]) {
      expect(() => DateTimeScalar.serialize(wrong)).toThrow(TypeError);
    }
  });
});

describe('Date', () => {
  it('every day of the calendar is taken as it is, and no other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9999 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        (y, m, d) => {
          const text = `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
          const date = new Date(0);
          date.setUTCFullYear(y, m - 1, d);
          const exists =
            y >= 1 && date.getUTCFullYear() === y && date.getUTCMonth() === m - 1 && date.getUTCDate() === d;
          expect(takes(DateScalar, text)).toBe(exists);
          if (exists) expect(read(DateScalar, text)).toBe(text);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(['2018-1-01', '18-01-01', '20180101', '2018-10-31T00:00:00Z', '2018-W10-1'])('%s is refused', (text) => {
    expect(takes(DateScalar, text)).toBe(false);
  });

  it('a JavaScript date is not written as a day: which one depends on a zone', () => {
    expect(() => DateScalar.serialize(new Date())).toThrow(TypeError);
  });
});

describe('Decimal', () => {
  const digits = (max: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: max });

  it('up to 20 digits before the point and 9 after it are kept as they were sent', () => {
    fc.assert(
      fc.property(fc.boolean(), digits(20), fc.option(digits(9)), (negative, whole, fraction) => {
        const text = `${negative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`;
        expect(read(DecimalScalar, text)).toBe(text);
        expect(DecimalScalar.serialize(text)).toBe(text);
      }),
    );
  });

  it.each([
    '123456789012345678901',
    '1.0123456789',
    '1e3',
    '+1',
    '.5',
    '5.',
    '1,5',
    '1 000',
    '0x10',
    'NaN',
    'Infinity',
    '--1',
    '-',
    '',
    '٣',
  ])('%j is refused', (text) => {
    expect(takes(DecimalScalar, text)).toBe(false);
  });

  it('a JSON number is refused with the way to send it', () => {
    expect(() => read(DecimalScalar, 12.5)).toThrow('Send the decimal as a string');
    expect(() => DecimalScalar.parseLiteral(parseLiteral('12.5'))).toThrow('Send the decimal as a string');
  });

  it('answers have no exponent, however long they are, and never come from a float', () => {
    expect(DecimalScalar.serialize(new Decimal('1e-9'))).toBe('0.000000001');
    expect(DecimalScalar.serialize(new Decimal('123456789012345678901234567890'))).toBe(
      '123456789012345678901234567890',
    );
    expect(DecimalScalar.serialize(new Decimal('-0'))).toBe('0');
    expect(DecimalScalar.serialize('123456789012345678901234567890.0123456789')).toBe(
      '123456789012345678901234567890.0123456789',
    );
    for (const wrong of [0.1, 'NaN', '1e5', new Decimal(Number.NaN), null])
      expect(() => DecimalScalar.serialize(wrong)).toThrow(TypeError);
  });
});

describe('CountryCode', () => {
  it('takes two capitals and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3 }), (text) => {
        expect(takes(CountryCodeScalar, text)).toBe(/^[A-Z]{2}$/.test(text) && text.length === 2);
      }),
    );
    for (const wrong of ['ke', 'Ke', 'KEN', 'K', 'ΚΕ', '']) expect(takes(CountryCodeScalar, wrong)).toBe(false);
  });
});

describe('JSON', () => {
  it('any value comes through as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSONScalar.parseValue(value)).toBe(value);
        expect(JSONScalar.serialize(value)).toBe(value);
      }),
    );
    expect(JSONScalar.parseLiteral(parseLiteral('{ a: [1, "b", true, null] }'))).toEqual({ a: [1, 'b', true, null] });
  });
});
