import fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import fc from 'fast-check';
import { getIntrospectionQuery, GraphQLObjectType, GraphQLSchema } from 'graphql';
import mercurius from 'mercurius';
import { MusterError } from '../errors.js';
import { graphqlDoor } from './door.js';
import { CountryCodeScalar, DateScalar, DateTimeScalar, DecimalScalar, JSONScalar, UUIDScalar } from './scalars.js';

const typeDefs = `
  scalar UUID
  scalar DateTime
  scalar Date
  scalar Decimal
  scalar CountryCode
  scalar JSON
  enum Unit { KG TONNE }
  enum Rule { NONE NOT_IN_COURT }
  input Line { quantity: Decimal!, unit: Unit! = KG, tags: [String!] }
  input Report {
    id: UUID!
    at: DateTime!
    day: Date
    country: CountryCode
    persons: Int
    use: Rule! = NONE
    exercise: Boolean! = false
    withdrawn: Boolean = false
    lines: [Line!]!
  }
  type Thing { id: UUID, name: String!, thing: Thing, things: [Thing] }
  type Query {
    echo(report: Report, at: DateTime, text: String, first: Int! = 50): JSON
    thing(fail: String): Thing
    things(fail: String): [Thing]
  }
  type Mutation { echo(report: Report!, again: Report): JSON }
`;

const goodId = '0190163d-8694-739b-aea5-966c26f8ad90';
const good = { id: goodId, at: '2018-10-31T11:30:00+03:00', lines: [{ quantity: '12.50' }] };

const failures: Record<string, () => Error> = {
  inside: () =>
    Object.assign(new Error('relation "secret_table" does not exist'), { parameters: ['secret-parameter'] }),
  gone: () =>
    Object.assign(new Error('query failed'), { driverError: Object.assign(new Error('stopped'), { code: '57P01' }) }),
  phase: () => new MusterError('PHASE', 'Not in this phase.', { phase: 'CLOSED', missing: ['dates'] }),
  absent: () => new MusterError('NOT_FOUND', 'Not found.'),
};
const failOn = (fail: string | undefined): void => {
  const failure = fail === undefined ? undefined : failures[fail];
  if (failure) throw failure();
};

/** Dates are marked, so that a text which looks like one is told apart. */
const marked = (value: unknown): unknown => {
  if (value instanceof Date) return { date: value.toISOString() };
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, marked(inner)]));
  }
  return value;
};
const echo = (_root: unknown, args: unknown): Promise<unknown> => Promise.resolve(marked(args));

let app: FastifyInstance;
let lines: string[];

beforeEach(async () => {
  lines = [];
  app = fastify({ logger: { level: 'warn', stream: { write: (line: string) => void lines.push(line) } } });
  const { hooks, ...options } = graphqlDoor();
  await app.register(mercurius, {
    ...options,
    schema: typeDefs,
    resolvers: {
      UUID: UUIDScalar,
      DateTime: DateTimeScalar,
      Date: DateScalar,
      Decimal: DecimalScalar,
      CountryCode: CountryCodeScalar,
      JSON: JSONScalar,
      Query: {
        echo,
        thing: (_root: unknown, { fail }: { fail?: string }) => (failOn(fail), { id: goodId, name: 'one' }),
        things: () => [{ name: 'one' }, { name: null }],
      },
      Mutation: { echo },
      Thing: { thing: () => ({ id: goodId, name: 'deeper' }) },
    },
  });
  app.graphql.addHook('preParsing', hooks.preParsing);
  app.graphql.addHook('preExecution', hooks.preExecution);
});

afterEach(() => app.close());

interface Answer {
  data: unknown;
  errors?: {
    message: string;
    path?: (string | number)[];
    extensions: Record<string, unknown> & { code: string; fields?: { path: string; rule: string }[] };
  }[];
}

const send = (query: string, variables?: unknown, operationName?: string): Promise<LightMyRequestResponse> =>
  app.inject({ method: 'POST', url: '/graphql', payload: { query, variables, operationName } });

/** The status and body of the same request sent several times: compiled from the second on. */
async function answers(query: string, variables?: unknown, operationName?: string): Promise<Answer[]> {
  const all: Answer[] = [];
  for (let time = 0; time < 4; time += 1) {
    const response = await send(query, variables, operationName);
    expect(response.statusCode).toBe(200);
    all.push(response.json<Answer>());
  }
  return all;
}

/** The answer that the first and every later request gets. */
async function answer(query: string, variables?: unknown, operationName?: string): Promise<Answer> {
  const [first, ...later] = await answers(query, variables, operationName);
  for (const each of later) expect(each).toEqual(first);
  return first ?? { data: undefined };
}

const fieldsOf = ({ errors }: Answer): string[] =>
  (errors?.[0]?.extensions.fields ?? []).map(({ path, rule }) => `${path} ${rule}`).sort();

function expectBadInput(each: Answer, fields?: string[]): void {
  expect(each.data).toBeNull();
  expect(each.errors).toHaveLength(1);
  expect(each.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  if (fields) expect(fieldsOf(each)).toEqual(fields);
  else expect(each.errors?.[0]?.extensions).not.toHaveProperty('fields');
}

const mutation = 'mutation ($r: Report!) { echo(report: $r) }';

describe('wrong input', () => {
  const bad = {
    ...good,
    id: 'x',
    at: 'now',
    country: 'ke',
    persons: 1.5,
    use: 'ALL',
    extra: 1,
    lines: [{ quantity: 5 }, { unit: 'KG' }],
  };
  const badFields = [
    'report.at scalar',
    'report.country scalar',
    'report.extra unknown',
    'report.id scalar',
    'report.lines.0.quantity scalar',
    'report.lines.1.quantity required',
    'report.persons type',
    'report.use enum',
  ];

  it('in a variable is one error with every field, on the first request and on later ones', async () => {
    expectBadInput(await answer(mutation, { r: bad }), badFields);
  });

  it('in a literal is the same', async () => {
    const report = `{ id: "x", at: "now", country: "ke", persons: 1.5, use: ALL, extra: 1, lines: [{ quantity: 5 }, { unit: KG }] }`;
    expectBadInput(await answer(`mutation { echo(report: ${report}) }`), badFields);
  });

  it('is refused as well when the same document ran with good input before', async () => {
    for (const each of await answers(mutation, { r: good })) expect(each.errors).toBeUndefined();
    expectBadInput(await answer(mutation, { r: bad }), badFields);
    expectBadInput(await answer(mutation), ['report required']);
  });

  it('comes out of a GET request too', async () => {
    const url = (variables: string): string =>
      `/graphql?query=${encodeURIComponent('query ($a: DateTime) { echo(at: $a) }')}&variables=${encodeURIComponent(variables)}`;
    const wrong = await app.inject({ url: url('{"a":"now"}') });
    expect(wrong.statusCode).toBe(200);
    expectBadInput(wrong.json(), ['at scalar']);
    const right = await app.inject({ url: url('{"a":"2018-10-31T08:30:00Z"}') });
    expect(right.json<Answer>().data).toEqual({ echo: { at: { date: '2018-10-31T08:30:00.000Z' }, first: 50 } });
    for (const odd of ['[1]', '5', '"x"']) expectBadInput((await app.inject({ url: url(odd) })).json());
    const broken = await app.inject({ url: url('{') });
    expect(broken.statusCode).toBe(400);
    expectBadInput(broken.json());
  });
});

describe('good input', () => {
  it('reaches the resolver with its defaults, compiled or not', async () => {
    const echoed = {
      ...good,
      at: { date: '2018-10-31T08:30:00.000Z' },
      use: 'NONE',
      exercise: false,
      withdrawn: false,
      lines: [{ quantity: '12.50', unit: 'KG' }],
    };
    expect(await answer(mutation, { r: good })).toEqual({ data: { echo: { report: echoed } } });
    const literal = `{ id: "${goodId}", at: "2018-10-31T08:30:00Z", lines: { quantity: "12.50" } }`;
    expect(await answer(`mutation { echo(report: ${literal}) }`)).toEqual({ data: { echo: { report: echoed } } });
    const inside = `mutation ($id: UUID!, $w: Boolean, $l: [Line!]!) { echo(report: { id: $id, at: "2018-10-31T08:30:00Z", withdrawn: $w, lines: $l }) }`;
    expect(await answer(inside, { id: goodId, l: good.lines })).toEqual({ data: { echo: { report: echoed } } });
    expect(await answer(inside, { id: goodId, l: good.lines, w: null })).toEqual({
      data: { echo: { report: { ...echoed, withdrawn: null } } },
    });
  });

  it('a variable that was left out leaves the default of the argument, or its own', async () => {
    expect(await answer('query ($f: Int) { echo(first: $f) }')).toEqual({ data: { echo: { first: 50 } } });
    expect(await answer('query ($f: Int! = 7) { echo(first: $f) }')).toEqual({ data: { echo: { first: 7 } } });
    expect(await answer('query ($f: Int = 7) { echo(first: $f) }', { f: 8 })).toEqual({ data: { echo: { first: 8 } } });
    expectBadInput(await answer('query ($f: Int) { echo(first: $f) }', { f: null }), ['first required']);
  });

  it('any report reaches the resolver the same on the first, the compiled and later requests', async () => {
    const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
      fc.option(fc.option(value), { nil: undefined });
    const given = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
    const line = fc.record({
      quantity: fc.constantFrom('1', '-0.5'),
      unit: given(fc.constantFrom('KG', 'TONNE')),
      tags: optional(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 2 })),
      ),
    });
    const report = fc.record({
      id: fc.uuid(),
      at: fc.constantFrom('2018-10-31T08:30:00Z', '2018-10-31T08:30:00.123456-11:30'),
      day: optional(fc.constant('2018-10-31')),
      persons: optional(fc.nat(9)),
      use: given(fc.constantFrom('NONE', 'NOT_IN_COURT')),
      exercise: given(fc.boolean()),
      withdrawn: optional(fc.boolean()),
      lines: fc.oneof(line, fc.array(line, { maxLength: 3 })),
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(report, optional(report), async (r, again) => {
        count += 1;
        // Another document each time, so that each is run uncompiled first.
        const query = `mutation M${count} ($r: Report!, $a: Report) { echo(report: $r, again: $a) }`;
        const { data, errors } = await answer(query, JSON.parse(JSON.stringify({ r, a: again })));
        expect(errors).toBeUndefined();
        expect(data).toMatchObject({
          echo: { report: { id: r.id, use: r.use ?? 'NONE', exercise: r.exercise ?? false } },
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('the compiled queries', () => {
  it('never run a text of the document as code', async () => {
    const mark = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d';
    const attack = (text: string): string => `{ echo(text: ${text}) }`;
    const told = `${mark}globalThis.wasRun = true`;
    for (const text of [`"${told}"`, `"""${told}"""`, `"\\u005f${told.slice(1)}"`]) {
      expect(await answer(attack(text))).toEqual({ data: { echo: { text: told, first: 50 } } });
    }
    expect(await answer('query ($t: String) { echo(text: $t) }', { t: told })).toEqual({
      data: { echo: { text: told, first: 50 } },
    });
    expect(await answer(`query ($t: String = "${told}") { echo(text: $t) }`)).toEqual({
      data: { echo: { text: told, first: 50 } },
    });
    expect(globalThis).not.toHaveProperty('wasRun');
  });

  it('the operation that was named is the one that runs', async () => {
    const query = 'query A { echo(first: 1) } query B { echo(first: 2) }';
    expect(await answer(query, undefined, 'A')).toEqual({ data: { echo: { first: 1 } } });
    expect(await answer(query, undefined, 'B')).toEqual({ data: { echo: { first: 2 } } });
    expectBadInput(await answer(query));
    expectBadInput(await answer(query, undefined, 'C'));
    expectBadInput(await answer('fragment F on Query { thing { name } }'));
  });
});

describe('a document that is refused', () => {
  it.each([
    ['a syntax error', '{ thing(', 'Syntax Error: Expected Name, found <EOF>. (line 1, column 9)'],
    ['an unknown field', '{ thing { colour } wing }', 'Cannot query field "colour" on type "Thing".'],
    ['an undeclared variable', 'query { echo(first: $f) }', 'Variable "$f" is not defined.'],
    ['a circle of fragments', '{ ...F } fragment F on Query { ...F }', 'Cannot spread fragment "F" within itself.'],
    ['a subscription', 'subscription { any }', 'subscription'],
    ['a document as JSON', '{"kind":"Document","definitions":[]}', 'Syntax Error'],
  ])('for %s is one BAD_USER_INPUT that says what is wrong', async (_name, query, message) => {
    const each = await answer(query);
    expectBadInput(each);
    expect(each.errors?.[0]?.message).toContain(message);
  });

  it('tells all that is wrong with its fields in one message', async () => {
    const each = await answer('{ thing { colour } wing }');
    expect(each.errors?.[0]?.message).toContain('"colour"');
    expect(each.errors?.[0]?.message).toContain('"wing"');
  });

  it('for its depth has no fields', async () => {
    const nested = (depth: number): string => `${'{ thing '.repeat(depth - 1)}{ name }${' }'.repeat(depth - 1)}`;
    for (const depth of [21, 50, 1_000, 1_600]) {
      const each = await answer(nested(depth));
      expectBadInput(each);
      expect(each.errors?.[0]?.message).toContain('too deep');
    }
    expect((await answer(nested(20))).errors).toBeUndefined();
    expectBadInput(await answer(`{ echo(first: ${'['.repeat(300)}${']'.repeat(300)}) }`), ['first type']);
    expectBadInput(await answer(`{ echo(text: ${'{a:'.repeat(300)}1${'}'.repeat(300)}) }`), ['text type']);
    // So deep that the parser may end its stack, or not: it is the client's fault either way.
    const { errors } = await answer(`{ echo(first: ${'['.repeat(2_400)}${']'.repeat(2_400)}) }`);
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    const parts = Array.from({ length: 49 }, (_, n) => `fragment F${n} on Thing { thing { ...F${n + 1} } }`).join(' ');
    expectBadInput(await answer(`{ thing { ...F0 } } ${parts} fragment F49 on Thing { name }`));
  });

  it('for its length or number of words is refused before it is kept', async () => {
    expectBadInput(await answer(`{ thing(fail: "${'x'.repeat(70_000)}") { name } }`));
    expectBadInput(await answer(`{ thing { ${'name '.repeat(6_000)} } }`));
  });

  it('the question of GraphiQL about the schema is answered', async () => {
    const { data, errors } = await answer(getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true }));
    expect(errors).toBeUndefined();
    expect(data).toHaveProperty('__schema.queryType.name', 'Query');
  });
});

describe('a request that is none', () => {
  it.each([
    ['10 MB', 413, 'application/json', JSON.stringify({ query: `{ echo(text: "${'x'.repeat(10_000_000)}") }` })],
    ['no JSON', 400, 'application/json', '{ "query": '],
    ['nothing', 400, 'application/json', ''],
    ['null', 400, 'application/json', 'null'],
    ['a number', 400, 'application/json', '5'],
    ['a batch', 400, 'application/json', '[{ "query": "{ thing { name } }" }]'],
    ['no query', 400, 'application/json', '{}'],
    ['an empty query', 400, 'application/json', '{ "query": "" }'],
    ['a query that is no text', 400, 'application/json', '{ "query": { "a": 1 } }'],
    ['variables that are a list', 400, 'application/json', '{ "query": "{ thing { name } }", "variables": [1] }'],
    [
      'keys of the prototype',
      400,
      'application/json',
      '{ "query": "{ thing { name } }", "variables": { "__proto__": 1 } }',
    ],
    ['a form', 415, 'application/x-www-form-urlencoded', 'query=%7B%20thing%20%7B%20name%20%7D%20%7D'],
    ['plain text', 415, 'text/plain', '{ "query": "{ thing { name } }" }'],
    ['XML', 415, 'application/xml', '<query/>'],
  ])('%s gets its HTTP status and a GraphQL error', async (_name, status, type, payload) => {
    const response = await app.inject({ method: 'POST', url: '/graphql', headers: { 'content-type': type }, payload });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toContain('application/json');
    expectBadInput(response.json());
    expect(lines).toEqual([]);
  });

  it('a mutation by GET is not run', async () => {
    const query = encodeURIComponent(
      `mutation { echo(report: { id: "${goodId}", at: "2018-10-31T08:30:00Z", lines: [] }) }`,
    );
    const response = await app.inject({ url: `/graphql?query=${query}` });
    expect(response.statusCode).toBe(405);
    expectBadInput(response.json());
  });
});

describe('what goes wrong while it runs', () => {
  const logged = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('an error of ours comes out with its code and details', async () => {
    expect(await answer('query ($f: String) { thing(fail: $f) { name } }', { f: 'phase' })).toMatchObject({
      data: { thing: null },
      errors: [
        {
          message: 'Not in this phase.',
          path: ['thing'],
          extensions: { code: 'PHASE', phase: 'CLOSED', missing: ['dates'] },
        },
      ],
    });
    expect(lines).toEqual([]);
  });

  it('what succeeded beside it is kept', async () => {
    expect(
      await answer('query ($f: String) { thing(fail: $f) { name } other: thing { name } }', { f: 'absent' }),
    ).toMatchObject({
      data: { thing: null, other: { name: 'one' } },
      errors: [{ path: ['thing'], extensions: { code: 'NOT_FOUND' } }],
    });
  });

  it('a lost database is UNAVAILABLE, to be tried again', async () => {
    const { errors } = await answer('query ($f: String) { thing(fail: $f) { name } }', { f: 'gone' });
    expect(errors).toMatchObject([{ path: ['thing'], extensions: { code: 'UNAVAILABLE', retryAfterSeconds: 2 } }]);
  });

  it('any other error is INTERNAL, tells nothing of the inside, and is logged once with its id and without data', async () => {
    for (const each of await answers('query ($f: String) { thing(fail: $f) { name } }', { f: 'inside' })) {
      const text = JSON.stringify(each);
      expect(text).not.toMatch(/secret|relation|stack|at /);
      expect(each.errors).toMatchObject([{ message: 'Internal error.', extensions: { code: 'INTERNAL' } }]);
      const errorId = each.errors?.[0]?.extensions['errorId'];
      const found = logged().filter((line) => line['errorId'] === errorId);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ err: { message: 'relation "secret_table" does not exist' }, path: ['thing'] });
      expect(found[0]).toHaveProperty('err.stack', expect.stringContaining('door.spec'));
      expect(JSON.stringify(found)).not.toContain('secret-parameter');
    }
    expect(logged()).toHaveLength(4);
  });

  it('an answer that breaks its own schema is INTERNAL, and its path keeps numbers', async () => {
    for (const { data, errors } of await answers('{ things { name } }')) {
      expect(data).toEqual({ things: [{ name: 'one' }, null] });
      expect(errors).toMatchObject([
        { message: 'Internal error.', path: ['things', 1, 'name'], extensions: { code: 'INTERNAL' } },
      ]);
    }
  });
});

describe('plain use', () => {
  it('a schema made in code and a query that code runs by itself pass the door', async () => {
    const query = new GraphQLObjectType({
      name: 'Query',
      fields: { day: { type: DateScalar, args: { of: { type: DateScalar } }, resolve: () => '2018-10-31' } },
    });
    const bare = fastify();
    const { hooks, ...options } = graphqlDoor();
    await bare.register(mercurius, { ...options, schema: new GraphQLSchema({ query }) });
    bare.graphql.addHook('preParsing', hooks.preParsing);
    expect(await bare.graphql('{ day(of: "2018-10-31") }')).toEqual({ data: { day: '2018-10-31' } });
    await bare.close();
  });
});
