import fc from 'fast-check';
import {
  buildSchema,
  getOperationAST,
  GraphQLScalarType,
  isScalarType,
  Kind,
  parse,
  specifiedRules,
  validate,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { getArgumentValues, getVariableValues } from 'graphql/execution/values.js';
import type { FieldFault } from '../errors.js';
import { inputFaults } from './input-faults.js';
import { CountryCodeScalar, DateScalar, DateTimeScalar, DecimalScalar, JSONScalar, UUIDScalar } from './scalars.js';

const schema = withScalars(
  buildSchema(`
    scalar UUID
    scalar DateTime
    scalar Date
    scalar Decimal
    scalar CountryCode
    scalar JSON
    enum Unit { KG TONNE PIECE }
    enum Area { FISHERIES FORESTRY POLLUTION WILDLIFE CHEMICALS OZONE BIOSAFETY DRUGS ARMS OTHER A1 A2 A3 A4 A5 }
    input Line { quantity: Decimal!, unit: Unit!, tags: [String!], hs: String }
    input Report {
      id: UUID!
      at: DateTime!
      day: Date
      country: CountryCode
      area: Area! = OTHER
      persons: Int
      ratio: Float
      confirmed: Boolean
      lines: [Line!]!
      codes: [[Int]!]
      self: Report
    }
    type Thing { name(first: Int! = 50): String, thing(id: UUID!): Thing }
    type Query {
      thing(id: UUID!, first: Int! = 50, after: String, areas: [Area!]): Thing
      any(json: JSON, key: ID): String
    }
    type Mutation { report(input: Report!, note: String): Thing }
  `),
);

function withScalars(built: GraphQLSchema): GraphQLSchema {
  for (const scalar of [UUIDScalar, DateTimeScalar, DateScalar, DecimalScalar, CountryCodeScalar, JSONScalar]) {
    const type = built.getType(scalar.name);
    if (isScalarType(type)) {
      Object.assign<GraphQLScalarType, Partial<GraphQLScalarType>>(type, {
        parseValue: (value) => scalar.parseValue(value),
        parseLiteral: (node, variables) => scalar.parseLiteral(node, variables),
      });
    }
  }
  return built;
}

const goodId = '0190163d-8694-739b-aea5-966c26f8ad90';
const good = { id: goodId, at: '2018-10-31T08:30:00Z', lines: [{ quantity: '12.5', unit: 'KG' }] };
const reportDocument = parse('mutation ($r: Report!) { report(input: $r) { name } }');

const faultsOf = (source: string, variables: Record<string, unknown> = {}, operationName?: string): FieldFault[] =>
  inputFaults(schema, parse(source), operationName, variables);
const reportFaults = (report: unknown): FieldFault[] => inputFaults(schema, reportDocument, undefined, { r: report });
const brief = (faults: readonly FieldFault[]): string[] => faults.map(({ path, rule }) => `${path} ${rule}`).sort();

describe('what GraphQL would refuse in an input', () => {
  it('a good input has no faults', () => {
    expect(reportFaults(good)).toEqual([]);
    expect(faultsOf(`{ thing(id: "${goodId}", areas: FISHERIES) { name } }`)).toEqual([]);
  });

  it('every fault comes in one list, by the name of the argument and not of the variable', () => {
    const faults = reportFaults({
      id: 'x',
      at: '2018-02-30T00:00:00Z',
      day: 5,
      country: 'ke',
      area: 'FISHERYS',
      persons: 2 ** 40,
      ratio: 'much',
      confirmed: 'yes',
      colour: 'red',
      lines: [{ quantity: 12.5, unit: 'KGS' }, { quantity: '1', unit: null, tags: ['a', 5] }, 'line', null],
      codes: [[1, 'two'], null],
    });
    expect(brief(faults)).toEqual([
      'input.area enum',
      'input.at scalar',
      'input.codes.0.1 type',
      'input.codes.1 required',
      'input.colour unknown',
      'input.confirmed type',
      'input.country scalar',
      'input.day scalar',
      'input.id scalar',
      'input.lines.0.quantity scalar',
      'input.lines.0.unit enum',
      'input.lines.1.tags.1 type',
      'input.lines.1.unit required',
      'input.lines.2 type',
      'input.lines.3 required',
      'input.persons scalar',
      'input.ratio type',
    ]);
    for (const { message } of faults) expect(message).toMatch(/^[A-Z"].*[.?]$/);
  });

  it('literals are told like variables', () => {
    const faults = faultsOf(`mutation {
      report(input: { id: 5, at: "now", area: FISHERY, persons: 99999999999, confirmed: KG, colour: RED, lines: [{ quantity: 1.5, unit: "KG" }, KG] }, note: KG) { name }
    }`);
    expect(brief(faults)).toEqual([
      'input.area enum',
      'input.at scalar',
      'input.colour unknown',
      'input.confirmed type',
      'input.id scalar',
      'input.lines.0.quantity scalar',
      'input.lines.0.unit type',
      'input.lines.1 type',
      'input.persons scalar',
      'note type',
    ]);
  });

  it('variables inside literals are told where they stand', () => {
    const source = `mutation ($id: UUID!, $q: Decimal!, $unit: Unit!) {
      report(input: { id: $id, at: "2018-10-31T08:30:00Z", lines: [{ quantity: "1", unit: PIECE }, { quantity: $q, unit: $unit }] }) { name }
    }`;
    expect(faultsOf(source, { id: goodId, q: '5', unit: 'KG' })).toEqual([]);
    expect(brief(faultsOf(source, { id: '', q: 5 }))).toEqual([
      'input.id scalar',
      'input.lines.1.quantity scalar',
      'input.lines.1.unit required',
    ]);
  });

  it('what is missing, or null where it may not be, is required', () => {
    expect(brief(reportFaults({ area: null }))).toEqual([
      'input.area required',
      'input.at required',
      'input.id required',
      'input.lines required',
    ]);
    expect(brief(faultsOf('{ thing { name } }'))).toEqual(['id required']);
    expect(brief(faultsOf('{ thing(id: null) { name } }'))).toEqual(['id required']);
    expect(brief(faultsOf('query ($i: UUID!) { thing(id: $i) { name } }'))).toEqual(['id required']);
    expect(brief(faultsOf('query ($i: UUID!) { thing(id: $i) { name } }', { i: null }))).toEqual(['id required']);
  });

  it('defaults stand in for what is absent, and not for null', () => {
    const source = `query ($f: Int, $g: Int = 7) { thing(id: "${goodId}", first: $f) { name(first: $g) } }`;
    expect(faultsOf(source)).toEqual([]);
    expect(brief(faultsOf(source, { f: null, g: null }))).toEqual(['first required']);
  });

  it('a default of a variable is judged by the argument that it stands for', () => {
    expect(brief(faultsOf('query ($i: UUID! = "x") { thing(id: $i) { name } }'))).toEqual(['id scalar']);
  });

  it('a variable of another type is told at the argument', () => {
    const faults = faultsOf('query ($i: String!) { thing(id: $i) { name } }', { i: goodId });
    expect(faults).toEqual([{ path: 'id', rule: 'type', message: 'Declare the variable $i as UUID!, not String!.' }]);
    expect(brief(faultsOf('query ($i: String!) { thing(id: $i) { name } }', { i: 'x' }))).toEqual([
      'id scalar',
      'id type',
    ]);
  });

  it('arguments that the field does not have are unknown', () => {
    const faults = faultsOf(`{ thing(id: "${goodId}", frist: 5) { name } }`);
    expect(faults).toEqual([
      { path: 'frist', rule: 'unknown', message: 'There is no argument "frist" here: did you mean first?' },
    ]);
  });

  it('fields of fragments, nested fields and directives are looked at too', () => {
    const source = `
      query ($yes: Boolean!) { ...Part @include(if: $yes) ... on Query { thing(id: "a") { thing(id: "${goodId}") { name(first: "b") } } } }
      fragment Part on Query { any(key: 1.5) ...Part }`;
    expect(brief(faultsOf(source, { yes: 'no' }))).toEqual(['first type', 'id scalar', 'if type', 'key type']);
    expect(brief(faultsOf('{ __type(name: 5) { name } }'))).toEqual(['name type']);
  });

  it('the same path and rule is told once, wherever it stands', () => {
    expect(brief(faultsOf('{ a: thing(id: "x") { name } b: thing(id: "y") { name } }'))).toEqual(['id scalar']);
  });

  it('only the operation that was asked for is judged', () => {
    const source = `query Good { thing(id: "${goodId}") { name } } query Bad { thing(id: "x") { name } }`;
    expect(faultsOf(source, {}, 'Good')).toEqual([]);
    expect(brief(faultsOf(source, {}, 'Bad'))).toEqual(['id scalar']);
  });

  it('an enum of few words is told whole, of many by the nearest', () => {
    expect(reportFaults({ ...good, lines: [{ quantity: '1', unit: 'KILO' }] })[0]?.message).toBe(
      '"KILO" is no Unit. Give KG, TONNE or PIECE.',
    );
    expect(reportFaults({ ...good, area: 'fisherys' })[0]?.message).toBe(
      '"fisherys" is no Area. Did you mean FISHERIES?',
    );
    expect(reportFaults({ ...good, area: 'constructor' })[0]?.rule).toBe('enum');
  });

  it('NUL and half a surrogate pair are no text, because the database can keep neither', () => {
    const faults = reportFaults({
      ...good,
      lines: [{ quantity: '1', unit: 'KG', hs: 'a\u0000', tags: ['\ud800', '😀'] }],
    });
    expect(brief(faults)).toEqual(['input.lines.0.hs scalar', 'input.lines.0.tags.0 scalar']);
    expect(brief(faultsOf(`{ thing(id: "${goodId}", after: "\\u0000") { name } }`))).toEqual(['after scalar']);
  });

  it('what is wrong with the document itself is left to GraphQL', () => {
    expect(faultsOf('{ nothing(id: 5) { name } thing2 @odd(if: 5) ...Absent }')).toEqual([]);
    expect(faultsOf(`query ($i: Nothing) { thing(id: $i) { name } }`)).toEqual([]);
    expect(faultsOf(`{ thing(id: $undeclared) { name } }`)).toEqual([]);
  });
});

describe('hostile input', () => {
  it('keys of the prototype are neither given nor known', () => {
    const hostile = JSON.parse(
      `{ "__proto__": { "id": "${goodId}" }, "constructor": 1, "toString": 2, "lines": [] }`,
    ) as unknown;
    expect(brief(reportFaults(hostile))).toEqual([
      'input.__proto__ unknown',
      'input.at required',
      'input.constructor unknown',
      'input.id required',
      'input.toString unknown',
    ]);
    expect(faultsOf('query ($toString: Int) { any(key: $toString) }')).toHaveLength(1);
  });

  it('a list for an object, an object for a list and a text for either are refused', () => {
    expect(brief(reportFaults([]))).toEqual(['input type']);
    expect(brief(reportFaults('x'))).toEqual(['input type']);
    expect(brief(reportFaults({ ...good, lines: {} }))).toEqual([
      'input.lines.quantity required',
      'input.lines.unit required',
    ]);
  });

  it('an input that contains itself without end is cut off', () => {
    let deep: unknown = good;
    for (let level = 0; level < 5_000; level += 1) deep = { ...good, self: deep };
    const faults = reportFaults(deep);
    expect(faults.length).toBeGreaterThan(0);
    expect(new Set(faults.map(({ message }) => message))).toEqual(new Set(['Give at most 32 levels of input.']));
  });

  it('at most a hundred faults are told, and little of what was sent', () => {
    const long = 'z'.repeat(100_000);
    const lines = Array.from({ length: 5_000 }, () => ({ quantity: long, unit: long, [long]: 1 }));
    const faults = reportFaults({ ...good, lines });
    expect(faults).toHaveLength(100);
    for (const { path, message } of faults) expect(path.length + message.length).toBeLessThan(300);
  });

  it('one large variable in a thousand places is walked once', () => {
    const places = Array.from({ length: 1_000 }, (_, n) => `a${n}: report(input: $r) { name }`).join(' ');
    const source = parse(`mutation ($r: Report!) { ${places} }`);
    let reads = 0;
    const watched = new Proxy(good, {
      get: (target, key) => {
        reads += 1;
        return Reflect.get(target, key) as unknown;
      },
    });
    expect(inputFaults(schema, source, undefined, { r: watched })).toEqual([]);
    expect(reads).toBeLessThan(20);
    const bad = new Proxy(
      { ...good, id: 'x' },
      { get: (target, key) => ((reads += 1), Reflect.get(target, key) as unknown) },
    );
    expect(inputFaults(schema, source, undefined, { r: bad })).toHaveLength(1);
    expect(reads).toBeLessThan(40);
  });
});

describe('agreement with GraphQL', () => {
  /** What graphql-js says of the same request: its validation, its variables and the arguments of the root field. */
  function accepted(source: string, variables: Record<string, unknown>): boolean {
    const document = parse(source);
    if (validate(schema, document, specifiedRules).length > 0) return false;
    const operation = getOperationAST(document) as OperationDefinitionNode;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    if (!coerced) return false;
    const [selection] = operation.selectionSet.selections;
    const field = schema.getRootType(operation.operation)?.getFields()[
      selection?.kind === Kind.FIELD ? selection.name.value : ''
    ];
    if (!field || selection?.kind !== Kind.FIELD) return false;
    try {
      getArgumentValues(field, selection, coerced);
      return true;
    } catch {
      return false;
    }
  }

  const orOdd = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof(
      { weight: 20, arbitrary: value },
      {
        weight: 1,
        arbitrary: fc.constantFrom<unknown>(null, 5, -0.5, 2 ** 31, true, 'odd', 'KG', '12.5', [], {}, [null], [[5]]),
      },
    );
  const optional = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> =>
    fc
      .record(
        Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [name, fc.option(orOdd(value), { nil: undefined, freq: 12 })]),
        ),
      )
      .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));
  const line = optional({
    quantity: fc.constantFrom('1', '0.5', '-3'),
    unit: fc.constantFrom('KG', 'TONNE', 'PIECE'),
    tags: fc.array(orOdd(fc.constantFrom('a', 'b')), { maxLength: 2 }),
    hs: fc.constant('4407'),
  });
  const report = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom<unknown>(null, [], 'x', 5) },
    {
      weight: 30,
      arbitrary: fc
        .tuple(
          optional({
            id: fc.constant(goodId),
            at: fc.constant('2018-10-31T08:30:00Z'),
            lines: fc.oneof(line, fc.array(orOdd(line), { maxLength: 3 })),
          }),
          fc.oneof(
            fc.constant({}),
            optional({
              day: fc.constant('2018-10-31'),
              country: fc.constant('KE'),
              area: fc.constantFrom('OZONE', 'OTHER'),
              persons: fc.constantFrom(0, 5),
              ratio: fc.constantFrom(0, 0.5),
              confirmed: fc.boolean(),
              codes: fc.oneof(
                fc.constant(5),
                fc.array(orOdd(fc.array(orOdd(fc.integer()), { maxLength: 2 })), { maxLength: 2 }),
              ),
              self: fc.constant(good),
              colour: fc.constant('red'),
            }),
          ),
        )
        .map(([first, second]) => ({ ...first, ...second })),
    },
  );

  let taken = 0;
  let refused = 0;
  function expectAgreement(source: string, variables: Record<string, unknown>): void {
    const isAccepted = accepted(source, variables);
    if (isAccepted) taken += 1;
    else refused += 1;
    const faults = inputFaults(schema, parse(source), undefined, variables);
    expect({ source, variables, faults: faults.length > 0 ? faults : 'none', isAccepted }).toMatchObject(
      isAccepted ? { faults: 'none' } : { faults: expect.any(Array) as unknown },
    );
  }

  /** A JSON value as it is written in a document; words that look like enums become enums now and then. */
  function literal(value: unknown, bare: boolean): string {
    if (Array.isArray(value)) return `[${value.map((item) => literal(item, bare)).join(', ')}]`;
    if (typeof value === 'object' && value !== null) {
      return `{ ${Object.entries(value)
        .map(([key, inner]) => `${key}: ${literal(inner, bare)}`)
        .join(', ')} }`;
    }
    return bare && typeof value === 'string' && /^[A-Z]{2,}$/.test(value) && value !== 'KE'
      ? value
      : JSON.stringify(value);
  }

  it('a variable has no faults exactly when graphql-js takes it', () => {
    [taken, refused] = [0, 0];
    fc.assert(
      fc.property(report, (r) => expectAgreement('mutation ($r: Report!) { report(input: $r) { name } }', { r })),
      { numRuns: 1_000 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(100);
  });

  it('a literal has no faults exactly when graphql-js takes it', () => {
    [taken, refused] = [0, 0];
    fc.assert(
      fc.property(report, fc.boolean(), (r, bare) =>
        expectAgreement(`mutation { report(input: ${literal(r, bare)}) { name } }`, {}),
      ),
      { numRuns: 1_000 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(50);
  });

  it('so it is with variables of any type in any place, given, null or absent, with and without a default', () => {
    [taken, refused] = [0, 0];
    const types = fc.constantFrom(
      'Int',
      'Int!',
      'UUID',
      'UUID!',
      'String',
      'String!',
      '[Area!]',
      '[Area!]!',
      '[Area]',
      'Area',
      'Area!',
    );
    const values = fc.constantFrom<unknown>(undefined, null, 5, goodId, 'OZONE', ['OZONE'], [null]);
    const defaults = fc.constantFrom('', ' = null', ' = 5', ` = "${goodId}"`, ' = OZONE', ' = [OZONE]');
    const places = fc.constantFrom('id: $v', `id: "${goodId}", first: $v`, `id: "${goodId}", after: $v`);
    const lists = fc.constantFrom(`id: "${goodId}", areas: $v`, `id: "${goodId}", areas: [FISHERIES, $v]`);
    fc.assert(
      fc.property(types, values, defaults, fc.oneof(places, lists), (type, value, byDefault, place) => {
        const variables = value === undefined ? {} : { v: value };
        const source = `query ($v: ${type}${byDefault}) { thing(${place}) { name } }`;
        expectAgreement(source, variables);
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(20);
  });
});
