import fc from 'fast-check';
import { specifiedRules, buildSchema, validate } from 'graphql';
import { mostAliases, mostRootFields, mostSelections, mostVariables, readDocument } from './document-limits.js';

const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

const refusal = (document: string): string => {
  try {
    readDocument(document);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
};

describe('aliases', () => {
  it('as many as allowed are taken, one more is not', () => {
    expect(refusal(`{ me { ${times(mostAliases, (n) => `a${n}: id`)} } }`)).toBe('');
    expect(refusal(`{ me { ${times(mostAliases + 1, (n) => `a${n}: id`)} } }`)).toContain('too many aliases');
  });

  it('are counted as often as fragments bring them, inline or by name', () => {
    const ten = `fragment Ten on User { ${times(10, (n) => `a${n}: id`)} }`;
    expect(refusal(`{ me { ${times(5, (n) => `u${n} { ...Ten }`)} } } ${ten}`)).toBe('');
    expect(refusal(`{ me { ${times(6, (n) => `u${n} { ...Ten }`)} } } ${ten}`)).toContain('too many aliases');
    expect(refusal(`{ ... { ... on Query { ${times(51, (n) => `a${n}: me { id }`)} } } }`)).not.toBe('');
  });

  it('are counted without following every way through fragments that double at each step', () => {
    const steps = times(200, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`);
    const start = performance.now();
    expect(refusal(`{ ...F0 } ${steps} fragment F200 on Query { a: me { id } }`)).toContain('too much at once');
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe('fields of Query or Mutation', () => {
  it('as many as allowed are taken, one more is not, under whatever names', () => {
    expect(refusal(`{ ${times(mostRootFields, () => '__typename')} }`)).toBe('');
    expect(refusal(`{ ${times(mostRootFields + 1, () => '__typename')} }`)).toContain('query asks for too much');
    expect(refusal(`mutation { ${times(mostRootFields + 1, () => 'signOut')} }`)).toContain(
      'mutation asks for too much',
    );
    expect(refusal(`{ ...F ...F } fragment F on Query { ${times(16, () => 'me { id }')} }`)).not.toBe('');
  });

  it('are counted for each operation of a document, not for all together', () => {
    expect(refusal(times(10, (n) => `query Q${n} { ${times(20, () => '__typename')} }`))).toBe('');
  });
});

it('a field that directives leave out counts like any other', () => {
  expect(refusal(`{ ${times(31, (n) => `a${n}: me @include(if: false) { id }`)} }`)).not.toBe('');
});

it('more variables than any operation needs are refused', () => {
  const declare = (count: number): string => `query (${times(count, (n) => `$v${n}: Int`)}) { me { id } }`;
  expect(refusal(declare(mostVariables))).toBe('');
  expect(refusal(declare(mostVariables + 1))).toContain('too many variables');
});

it("a field written more often than a document may hold is refused before GraphQL's validation compares each two", () => {
  expect(refusal(`{ me { ${times(mostSelections, () => 'id')} } }`)).toContain('too large');
  const schema = buildSchema('type Query { me: User } type User { id: ID }');
  const largest = readDocument(`{ me { ${times(mostSelections - 1, () => 'id')} } }`);
  const start = performance.now();
  validate(schema, largest, specifiedRules);
  expect(performance.now() - start).toBeLessThan(2_000);
});

it('whatever is sent is read or refused with BAD_USER_INPUT', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '(',
    ')',
    '...',
    ' on ',
    'a',
    'b:',
    '@skip(if: true)',
    '$v',
    '"',
    '[',
    '"""',
    '#',
    'query',
    'fragment F',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      try {
        readDocument(pieces.join(' '));
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_USER_INPUT' });
      }
    }),
    { numRuns: 500 },
  );
});
