import { request } from 'node:http';
import { v7 } from 'uuid';

import { type GraphqlAnswer, type Muster, startMuster } from '../setup/index.js';
import { LOG, type Person, Scene, seizureInput, violationInput } from '../setup/scene.js';

type Input = Readonly<Record<string, unknown>>;

let muster: Muster;
let scene: Scene;
let kenya: Person;
let operationId: string;
let agencyId: string;

beforeAll(async () => {
  muster = await startMuster({ worker: false });
  scene = await Scene.open(muster);
  const hub = await scene.person(null, { role: 'HUB' });
  agencyId = await scene.agency('KE');
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', agencyId);
  await scene.join(hub, operationId, 'TZ', await scene.agency('TZ'));
  await scene.move(hub, operationId, 'OPERATIONAL');
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const ENUMS = new Set([
  ...['scene', 'crimeArea', 'nature', 'detection', 'transportMode', 'direction', 'agreement', 'unit', 'basis'],
  ...['level', 'useRestriction', 'valueBasis', 'source', 'information'],
]);

/** A value as it is written in a document, words of enums without quotation marks. */
function literal(value: unknown, field = ''): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, field)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([name, inner]) => `${name}: ${literal(inner, name)}`)
      .join(', ')} }`;
  }
  if (typeof value === 'string' && ENUMS.has(field) && /^\w+$/.test(value)) return value;
  return JSON.stringify(value) ?? 'null';
}

/** Puts a value at a dotted path of the input, in a copy of it. */
function at(input: Input, path: string, value: unknown): Input {
  const [first = '', ...rest] = path.split('.');
  const inner = input[first];
  if (rest.length === 0) return { ...input, [first]: value };
  if (Array.isArray(inner)) {
    const [index = '', ...deeper] = rest;
    const items = inner.map((item: unknown, place) => {
      if (place !== Number(index)) return item;
      return deeper.length === 0 ? value : at(item as Input, deeper.join('.'), value);
    });
    return { ...input, [first]: items };
  }
  return { ...input, [first]: at((inner ?? {}) as Input, rest.join('.'), value) };
}

const whole = (): Input =>
  violationInput(operationId, agencyId, {
    place: { unlocode: 'KEMBA', latitude: 1, longitude: 1 },
    offenceFrom: '2026-01-01',
    vessel: { imo: '9074729', flag: 'KE' },
    grading: { source: 'A', information: 'ONE' },
    sharing: { level: 'AMBER', addCountries: ['TZ'], nameUserIds: [kenya.id] },
    useRestriction: 'NONE',
  });

async function stored(): Promise<number> {
  const [row] = await scene.sql<{ count: number }>('SELECT count(*)::int AS count FROM record_ids');
  return row?.count ?? 0;
}

describe('a value of a wrong form', () => {
  test.each<[string, unknown]>([
    ['id', 'no id'],
    ['id', '017f22e279b07cc398c4dc0c0c07398f'],
    ['id', `{${v7()}}`],
    ['id', ` ${v7()}`],
    ['id', `${v7()}\n`],
    ['id', '00000000-0000-0000-0000-00000000000g'],
    ['id', 5],
    ['id', null],
    ['operationId', ''],
    ['agencyId', 'KE'],
    ['sharing.nameUserIds.0', 'me'],
    ['detectedAt', 'yesterday'],
    ['detectedAt', '2026-06-14'],
    ['detectedAt', '2026-06-14T12:00:00'],
    ['detectedAt', '2026-06-31T12:00:00Z'],
    ['detectedAt', '2026-02-29T12:00:00Z'],
    ['detectedAt', '2026-06-14T24:00:00Z'],
    ['detectedAt', '2026-06-14T12:00:60Z'],
    ['detectedAt', '2026-06-14 12:00:00Z'],
    ['detectedAt', '2026-06-14T12:00:00+3:00'],
    ['detectedAt', '2026-06-14T12:00:00+24:00'],
    ['detectedAt', '２０２６-06-14T12:00:00Z'],
    ['detectedAt', 1_781_000_000_000],
    ['detectedAt', null],
    ['offenceFrom', '2026-13-01'],
    ['offenceFrom', '2026-00-10'],
    ['offenceFrom', '2026-02-30'],
    ['offenceFrom', '14.06.2026'],
    ['offenceFrom', '26-06-14'],
    ['offenceFrom', '2026-06-14T00:00:00Z'],
    ['offenceFrom', '0000-01-01'],
    ['offenceFrom', 20260614],
    ['lines.0.quantity', '1e3'],
    ['lines.0.quantity', '1,5'],
    ['lines.0.quantity', '+1'],
    ['lines.0.quantity', '.5'],
    ['lines.0.quantity', '5.'],
    ['lines.0.quantity', '1 000'],
    ['lines.0.quantity', '0x10'],
    ['lines.0.quantity', 'NaN'],
    ['lines.0.quantity', 'Infinity'],
    ['lines.0.quantity', '٢٢'],
    ['lines.0.quantity', '1\n'],
    ['lines.0.quantity', ''],
    ['lines.0.quantity', '123456789012345678901'],
    ['lines.0.quantity', '0.1234567890'],
    ['lines.0.quantity', 22.5],
    ['lines.0.quantity', null],
    ['lines.0.netWeightKg', true],
    ['lines.0.value', '1.0.0'],
    ['consignment.route.origin', 'ke'],
    ['consignment.route.origin', 'KEN'],
    ['consignment.route.origin', 'K'],
    ['consignment.route.origin', 'К\u0415'],
    ['consignment.route.origin', ' KE'],
    ['consignment.route.transit.0', 'Oman'],
    ['consignment.route.destination', null],
    ['vessel.flag', '??'],
    ['sharing.addCountries.0', '1A'],
    ['persons', 'two'],
    ['persons', 1.5],
    ['persons', 2_147_483_648],
    ['place.latitude', 'north'],
    ['place.latitude', true],
    ['exercise', 'false'],
    ['lines', null],
    ['lines.0', null],
    ['consignment', 'none'],
    ['place', null],
    ['narrative', 5],
    ['narrative', ['a']],
  ])('is refused as a variable and as a literal alike, with its path: %s %j', async (path, value) => {
    const input = at(whole(), path, value);
    const before = await stored();
    const byVariable = await kenya.refused(LOG, { input });
    const byLiteral = await kenya.refused(`mutation { logViolation(input: ${literal(input)}) { id } }`);
    expect(byVariable).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: `input.${path}` }] });
    expect(byVariable.fields).toHaveLength(1);
    expect(byLiteral.fields).toEqual(byVariable.fields);
    expect(await stored()).toBe(before);
  });

  test.each<[string, string]>([
    ['scene', 'consignment'],
    ['scene', 'SHOP'],
    ['crimeArea', 'WASTE'],
    ['lines.0.unit', 'TONNES'],
    ['lines.0.agreement', 'Basel'],
    ['sharing.level', 'AMBER_STRICTER'],
    ['grading.source', 'D'],
    ['grading.information', 'FIVE'],
    ['useRestriction', 'SOME'],
  ])('is no word of an enum: %s %s', async (path, value) => {
    const input = at(whole(), path, value);
    const byVariable = await kenya.refused(LOG, { input });
    const byLiteral = await kenya.refused(`mutation { logViolation(input: ${literal(input)}) { id } }`);
    expect(byVariable).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: `input.${path}` }] });
    expect(byLiteral.fields).toEqual(byVariable.fields);
  });

  test('is told with all others in one error, by the name of the argument and not of the variable', async () => {
    let input = whole();
    for (const [path, value] of [
      ['id', 'x'],
      ['detectedAt', 'now'],
      ['lines.0.quantity', '1e3'],
      ['consignment.route.origin', 'ke'],
      ['scene', 'SHOP'],
      ['persons', 'two'],
    ] as const) {
      input = at(input, path, value);
    }
    const { timeZone: _missing, ...rest } = input;
    const query = `mutation ($report: LogViolationInput!) { logViolation(input: $report) { id } }`;
    const { errors, data } = await kenya.ask(query, { report: { ...rest, speed: 5 } });
    expect(errors).toHaveLength(1);
    const fields = errors[0]?.extensions?.fields as { path: string; rule: string; message: string }[];
    expect(fields.map(({ path }) => path).sort()).toEqual([
      'input.consignment.route.origin',
      'input.detectedAt',
      'input.id',
      'input.lines.0.quantity',
      'input.persons',
      'input.scene',
      'input.speed',
      'input.timeZone',
    ]);
    expect(data).toEqual({});
  });

  test('comes before anything else is asked: the session, the role, the phase', async () => {
    const nobody = scene.speaker('', '', 'no token');
    expect(await nobody.refused(LOG, { input: at(whole(), 'id', 'x') })).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.id' }],
    });
    expect(await nobody.refused(LOG, { input: at(whole(), 'lines.0.quantity', '-1') })).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  test('is refused in every other place, too', async () => {
    for (const [query, path] of [
      [`{ violation(id: "x") { id } }`, 'id'],
      [`{ violations(operationId: "x") { totalCount } }`, 'operationId'],
      [`{ violations(operationId: "${operationId}", first: "5") { totalCount } }`, 'first'],
      [
        `{ violations(operationId: "${operationId}", filter: { detectedFrom: "now" }) { totalCount } }`,
        'filter.detectedFrom',
      ],
      [
        `{ violations(operationId: "${operationId}", filter: { countries: ["ke"] }) { totalCount } }`,
        'filter.countries.0',
      ],
      [`{ violations(operationId: "${operationId}", filter: { agencyIds: "x" }) { totalCount } }`, 'filter.agencyIds'],
      [`{ seizure(id: "x") { id } }`, 'id'],
      [`mutation { withdrawViolation(id: "${v7()}", expectedVersion: 1.5, reason: "x") { id } }`, 'expectedVersion'],
      [
        `mutation { withdrawViolation(id: "${v7()}", expectedVersion: 3000000000, reason: "x") { id } }`,
        'expectedVersion',
      ],
      [
        `mutation { changeSharing(id: "${v7()}", expectedVersion: 1, reason: "x", sharing: { level: PINK }) { id } }`,
        'sharing.level',
      ],
      [
        `mutation { reportSeizure(input: ${literal(at(seizureInput(operationId, v7()), 'route.origin', 'nl'))}) { id } }`,
        'input.route.origin',
      ],
    ] as const) {
      const refusal = await kenya.refused(query);
      expect([query, refusal.code, refusal.fields?.map((field) => field.path)]).toEqual([
        query,
        'BAD_USER_INPUT',
        [path],
      ]);
    }
  });
});

describe('a value at its limit is taken', () => {
  test.each<[string, unknown]>([
    ['lines.0.quantity', '99999999999999999999.999999999'],
    ['lines.0.quantity', '00000000000000000001.000000000'],
    ['id', undefined],
    ['persons', 10_000],
    ['narrative', 'x'.repeat(20_000)],
    ['place.latitude', -90],
    ['place.longitude', 180],
  ])('%s', async (path, value) => {
    const input = value === undefined ? at(whole(), path, v7().toUpperCase()) : at(whole(), path, value);
    const id = (input.id as string).toLowerCase();
    expect(await kenya.do(LOG, { input })).toMatchObject({ id });
    const byLiteral = at(input, 'id', v7());
    expect(await kenya.do(`mutation { logViolation(input: ${literal(byLiteral)}) { id } }`)).toEqual({
      id: byLiteral.id,
    });
  });
});

interface Answer {
  readonly status: number;
  readonly body: { readonly data?: unknown; readonly errors?: GraphqlAnswer<unknown>['errors'] };
}

/** Sends a body as it is. An answer that comes before the whole body was sent counts. */
function send(
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
  path = '/graphql',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${muster.url}${path}`,
      {
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${kenya.token}`, ...headers },
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          try {
            resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] });
          } catch {
            reject(new Error(`No JSON: ${text.slice(0, 200)}`));
          }
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const isUp = async (): Promise<void> =>
  expect(await kenya.do(`{ me { user { id } } }`)).toEqual({ user: { id: kenya.id } });

describe('a request that is none', () => {
  test('of ten megabytes is refused with HTTP 413, and Muster goes on', async () => {
    const body = JSON.stringify({
      query: LOG,
      variables: { input: { ...whole(), narrative: 'x'.repeat(10 * 1024 * 1024) } },
    });
    const { status, body: told } = await send(body);
    expect(status).toBe(413);
    expect(told.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(told.errors?.[0]?.extensions).not.toHaveProperty('fields');
    await isUp();
  });

  test('of ten megabytes reaches every client that sends one, also those who read no answer before all is sent', async () => {
    const body = JSON.stringify({ query: LOG, variables: { text: 'x'.repeat(10 * 1024 * 1024) } });
    for (let count = 0; count < 10; count += 1) {
      const response = await fetch(muster.graphqlUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(response.status).toBe(413);
      await response.text();
    }
  });

  test('of a length that is not told is refused as soon as it is too long', async () => {
    const { status } = await send(Buffer.alloc(3 * 1024 * 1024, 0x20), { 'transfer-encoding': 'chunked' });
    expect(status).toBe(413);
    await isUp();
  });

  test.each([
    ['no JSON', '{ "query": '],
    ['nothing', ''],
    ['no object', '5'],
    ['a list', '[]'],
    ['no query', '{}'],
    ['a query that is no text', '{ "query": 5 }'],
    ['variables that are no object', '{ "query": "{ me { user { id } } }", "variables": 5 }'],
    ['a key that is none', '{ "__proto__": { "query": "{ me { user { id } } }" } }'],
  ])('because it holds %s is BAD_USER_INPUT without fields', async (_, body) => {
    const { status, body: told } = await send(body);
    expect(status).toBeLessThan(500);
    expect(told.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(told.errors?.[0]?.extensions).not.toHaveProperty('fields');
  });

  test('as another content type or by GET changes nothing', async () => {
    const id = v7();
    const query = `mutation { logViolation(input: ${literal({ ...whole(), id })}) { id } }`;
    const asText = await send(query, { 'content-type': 'text/plain' });
    expect(asText.body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    const byGet = await send('', {}, 'GET', `/graphql?query=${encodeURIComponent(query)}`);
    expect(byGet.body.errors?.length).toBeGreaterThan(0);
    expect(await scene.sql('SELECT FROM record_ids WHERE id = $1', [id])).toEqual([]);
  });
});

describe('a query', () => {
  const nested = (depth: number): string => {
    // Nothing of the schema goes so deep but its own description.
    const inner = Array.from({ length: depth - 3 }, () => 'ofType {').join(' ');
    return `{ __schema { types { fields { type { ${inner} name ${'}'.repeat(depth - 3)} } } } } }`;
  };

  test('of depth 50 is refused, without fields', async () => {
    const refusal = await kenya.refused(nested(50));
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.message).toMatch(/deep/);
    expect(refusal).not.toHaveProperty('fields');
  });

  test('of depth 50 by fragments, aliases or one within the other is refused as well', async () => {
    const fragments = Array.from(
      { length: 50 },
      (_, index) => `fragment F${index} on __Type { ofType { ...F${index + 1} } }`,
    );
    const byFragments = `{ __schema { types { ...F0 } } } ${fragments.join(' ')} fragment F50 on __Type { name }`;
    const inline = `{ __schema { types { ${'... on __Type { a: ofType {'.repeat(50)} name ${'} }'.repeat(50)} } } }`;
    for (const query of [
      byFragments,
      inline,
      `{ ${'a {'.repeat(5_000)} id ${'}'.repeat(5_000)} }`,
      '{'.repeat(50_000),
    ]) {
      expect(await kenya.refused(query)).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
    await isUp();
  });

  test('that goes round in a circle is refused', async () => {
    const query = `{ me { user { ...A } } } fragment A on User { id ...B } fragment B on User { ...A }`;
    expect(await kenya.refused(query)).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test.each([
    ['{ me { user { nothing } } }'],
    ['{ nothing }'],
    ['mutation { logViolation { id } }'],
    ['{ me }'],
    ['subscription { me }'],
    ['query ($a: Nothing!) { me { user { id } } }'],
    ['{ me { user { id } }'],
    ['query A { me { user { id } } } query B { me { user { id } } }'],
    ['\u0000'],
  ])('that does not fit the schema is BAD_USER_INPUT: %s', async (query) => {
    const { errors } = await kenya.ask(query);
    expect(errors.length).toBeGreaterThan(0);
    for (const { extensions } of errors) expect(extensions?.code).toBe('BAD_USER_INPUT');
  });
});
