import fc from 'fast-check';
import { buildSchema, parse } from 'graphql';
import { mostCost, QueryCost } from './query-cost.js';

const schema = buildSchema(`
  type Query {
    things(first: Int! = 50, after: String, only: Boolean = false): Things
    all: [Thing!]!
    figure: Int
    next: Query
  }
  type Things { edges: [Edge!]! total: Int! }
  type Edge { node: Thing! }
  type Thing { id: ID! name: String things(first: Int! = 50): Things lines: [Line!]! }
  type Line { id: ID! text: String }
`);

const cost = new QueryCost({ 'Thing.lines': { items: 10 }, 'Query.figure': { own: Math.floor(mostCost / 3) } });

/** Whether an operation is refused for its cost. */
function isRefused(document: string, variables: Record<string, unknown> = {}): boolean {
  try {
    cost.check(schema, parse(document), undefined, variables);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', details: {} });
    return true;
  }
}

/** What a refused operation costs, as it is told; 0 where it is not refused. */
const told = (document: string, variables: Record<string, unknown> = {}): number => {
  try {
    cost.check(schema, parse(document), undefined, variables);
    return 0;
  } catch (error) {
    return Number(/costs (\d+)/.exec(String(error))?.[1]);
  }
};

it('a page size multiplies what is below it, whether written, in a variable or left to its default', () => {
  const nested = (outer: string, inner: string): string =>
    `query ($n: Int! = 100) { things${outer} { edges { node { things${inner} { edges { node { lines { id } } } } } } } }`;
  // Each inner item: edge, node, lines and ten ids; each outer one: edge, node, things and its page.
  const expected = (outer: number, inner: number): number => 1 + outer * (2 + 1 + inner * (2 + 1 + 10));
  expect(told(nested('(first: 200)', '(first: 200)'))).toBe(expected(200, 200));
  expect(told(nested('(first: $n)', '(first: 300)'), { n: 160 })).toBe(expected(160, 200));
  expect(told(nested('(first: 200)', '(first: $n)'), { n: 180 })).toBe(expected(200, 180));
  expect(told(nested('(first: 200)', '(first: $n)'))).toBe(0);
  expect(isRefused(nested('(first: 10)', '(first: 10)'))).toBe(false);
});

it('pages that are nothing or less than nothing cost no less than one item, and lower no sum', () => {
  const figures = 'a: figure b: figure c: figure d: figure';
  for (const first of ['0', '-1', '-2147483648']) {
    expect(isRefused(`{ ${figures} things(first: ${first}) { edges { node { id lines { id } } } } }`)).toBe(true);
  }
});

it('fields of other names, and fragments of every form, cost what they bring', () => {
  const page = 'things(first: 200) { edges { node { id name lines { id text } } } }';
  const five = [1, 2, 3, 4, 5].map(
    (n) => `a${n}: things(first: 200) { edges { node { things { edges { node { lines { id } } } } } } }`,
  );
  expect(isRefused(`{ ${page} }`)).toBe(false);
  expect(isRefused(`{ ${five.join(' ')} }`)).toBe(true);
  expect(isRefused(`{ ...A } fragment A on Query { ${five.join(' ')} }`)).toBe(true);
  expect(isRefused(`{ ... on Query { ... { ${five.join(' ')} } } }`)).toBe(true);
  expect(isRefused(`{ next { next { ...A } } } fragment A on Query { ${five.join(' ')} }`)).toBe(true);
});

it('fragments that double at each step are refused at once', () => {
  const steps = Array.from({ length: 60 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`).join(' ');
  const start = performance.now();
  expect(isRefused(`{ ...F0 } ${steps} fragment F60 on Query { figure }`)).toBe(true);
  expect(performance.now() - start).toBeLessThan(1_000);
});

it('what a directive leaves out costs nothing, and what it brings in costs all', () => {
  const document = `query ($on: Boolean!) { a: figure b: figure c: figure d: figure @include(if: $on) }`;
  const same = parse(document);
  const check = (on: boolean) => () => cost.check(schema, same, undefined, { on });
  expect(check(false)).not.toThrow();
  expect(check(true)).toThrow('too much at once');
  expect(check(false)).not.toThrow();
  expect(isRefused('{ a: figure b: figure c: figure d: figure @skip(if: true) }')).toBe(false);
});

it('the operation that is named is the one that is judged', () => {
  const document = parse('query Small { figure } query Large { a: figure b: figure c: figure d: figure } ');
  expect(() => cost.check(schema, document, 'Small', {})).not.toThrow();
  expect(() => cost.check(schema, document, 'Large', {})).toThrow('too much at once');
});

it('a larger page never costs less', () => {
  const size = fc.integer({ min: 1, max: 200 });
  const document = (first: number): string =>
    `{ a: figure b: figure c: figure things(first: ${first}) { edges { node { lines { id } } } } }`;
  fc.assert(
    fc.property(size, size, (one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      expect(told(document(less))).toBeLessThanOrEqual(told(document(more)));
      expect(told(document(less))).toBeGreaterThan(mostCost);
    }),
    { numRuns: 50 },
  );
});
