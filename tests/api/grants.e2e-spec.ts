import { randomUUID } from 'node:crypto';

import { hash } from '@node-rs/argon2';
import pg from 'pg';

import { graphql, type Muster, startMuster } from '../setup/index.js';

const PASSWORD = 'a password for tests';

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly fields?: readonly { readonly path: string; readonly rule: string; readonly message: string }[];
}

interface GrantInput {
  readonly userId: string;
  readonly role: string;
  readonly operationId?: string;
  readonly country?: string;
  readonly unitId?: string;
}

interface Grant {
  readonly id: string;
  readonly role: string;
  readonly operationId: string | null;
  readonly country: string | null;
  readonly unitId: string | null;
}

let muster: Muster;
let database: pg.Client;
let passwordHash: string;

/** Operations: at sea, KE and TZ have accepted, OM is invited, BR declined and ZA withdrew; in the other one TZ alone takes part. */
let sea: string;
let other: string;
let agencies: Record<'KE' | 'TZ', string>;
let units: Record<'KE' | 'TZ', string>;
/** Access tokens of givers. */
let tokens: Record<string, string>;
let ids: Record<string, string>;

beforeAll(async () => {
  muster = await startMuster({ worker: false });
  database = new pg.Client({ connectionString: muster.databaseUrl });
  await database.connect();
  passwordHash = await hash(PASSWORD);

  sea = await operation({ KE: 'ACCEPTED', TZ: 'ACCEPTED', OM: 'INVITED', BR: 'DECLINED', ZA: 'WITHDRAWN' });
  other = await operation({ TZ: 'ACCEPTED' });
  agencies = { KE: await agency('KE'), TZ: await agency('TZ') };
  units = { KE: await unit('KE', 'KEMBA', agencies.KE), TZ: await unit('TZ', 'TZDAR', agencies.TZ) };

  const givers: Record<string, Partial<GrantInput>> = {
    administrator: { role: 'ADMINISTRATOR' },
    hub: { role: 'HUB' },
    'hub analyst': { role: 'ANALYST' },
    'KE coordinator': { role: 'NATIONAL_COORDINATOR', country: 'KE' },
    'KE coordinator at sea': { role: 'NATIONAL_COORDINATOR', country: 'KE', operationId: sea },
    'TZ coordinator': { role: 'NATIONAL_COORDINATOR', country: 'TZ' },
    'OM coordinator': { role: 'NATIONAL_COORDINATOR', country: 'OM' },
    'BR coordinator': { role: 'NATIONAL_COORDINATOR', country: 'BR' },
    'ZA coordinator': { role: 'NATIONAL_COORDINATOR', country: 'ZA' },
    'KE officer': { role: 'AGENCY_OFFICER', country: 'KE', operationId: sea },
    'KE port officer': { role: 'PORT_UNIT_OFFICER', country: 'KE', operationId: sea, unitId: units.KE },
    observer: { role: 'OBSERVER', operationId: sea },
    'nobody in particular': {},
  };
  tokens = {};
  ids = {};
  for (const [name, grant] of Object.entries(givers)) {
    const id = await person(null);
    ids[name] = id;
    if (grant.role) await hold({ userId: id, role: grant.role, ...grant });
    tokens[name] = await tokenOf(id);
  }
});

afterAll(async () => {
  await database.end();
  await muster.stop();
});

/** What a call gives, or the first error's extensions with its message. */
async function call<T>(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  token: string | undefined,
): Promise<T | Fault> {
  const { data, errors } = await graphql<Record<string, T>>(muster.graphqlUrl, query, variables, token);
  const [error] = errors;
  return error ? { code: 'none', ...error.extensions, message: error.message } : (Object.values(data)[0] as T);
}

function good<T>(answer: T | Fault): T {
  if (typeof answer === 'object' && answer !== null && 'code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

const isFault = (answer: unknown): answer is Fault => typeof answer === 'object' && answer !== null && 'code' in answer;

/** A person of an agency, or of none. */
async function person(agencyId: string | null): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO users (id, email, name, password_hash, agency_id, created_at) VALUES ($1, $2, 'Somebody', $3, $4, now())`,
    [id, `${id}@example.org`, passwordHash, agencyId],
  );
  return id;
}

async function tokenOf(userId: string): Promise<string> {
  const { accessToken } = good(
    await call<{ accessToken: string }>(
      'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }',
      { email: `${userId}@example.org`, password: PASSWORD },
      undefined,
    ),
  );
  // These tests are not about the second factor that some roles ask for.
  await database.query('UPDATE sessions SET second_factor = true WHERE user_id = $1', [userId]);
  return accessToken;
}

async function hold({ userId, role, operationId, country, unitId }: GrantInput): Promise<string> {
  const id = randomUUID();
  await database.query(
    'INSERT INTO grants (id, user_id, role, operation_id, country, unit_id, granted_at) VALUES ($1, $2, $3, $4, $5, $6, now())',
    [id, userId, role, operationId ?? null, country ?? null, unitId ?? null],
  );
  return id;
}

async function operation(participations: Record<string, string>): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO operations (id, version, kind, code_name, phase, crime_areas, time_zone, operational_starts_on, created_at)
     VALUES ($1, 1, 'STANDING', 'A test', 'PREPARATION', '{POLLUTION}', 'UTC', '2026-01-01', now())`,
    [id],
  );
  for (const [country, status] of Object.entries(participations)) {
    await database.query(
      'INSERT INTO participations (id, operation_id, country, status, invited_at) VALUES ($1, $2, $3, $4, now())',
      [randomUUID(), id, country, status],
    );
  }
  return id;
}

async function agency(country: string): Promise<string> {
  const created = await call<{ id: string }>(
    'mutation ($country: CountryCode!) { createAgency(name: "Customs", kind: CUSTOMS, country: $country) { id } }',
    { country },
    await administratorToken(),
  );
  return good(created).id;
}

async function unit(country: string, unlocode: string, agencyId: string): Promise<string> {
  return good(await createUnit(await administratorToken(), { country, unlocode, agencyIds: [agencyId] })).id;
}

let firstAdministrator: Promise<string> | undefined;
function administratorToken(): Promise<string> {
  firstAdministrator ??= (async () => {
    const userId = await person(null);
    await hold({ userId, role: 'ADMINISTRATOR' });
    return tokenOf(userId);
  })();
  return firstAdministrator;
}

interface UnitInput {
  readonly name?: string;
  readonly country: string;
  readonly unlocode: string;
  readonly agencyIds: readonly string[];
}
interface Unit {
  readonly id: string;
  readonly unlocode: string;
  readonly agencies: readonly { readonly id: string }[];
}
const createUnit = (token: string | undefined, input: UnitInput): Promise<Unit | Fault> =>
  call<Unit>(
    `mutation ($name: String!, $country: CountryCode!, $unlocode: String!, $agencyIds: [UUID!]!) {
       createPortUnit(name: $name, kind: SEA_PORT, country: $country, unlocode: $unlocode, agencyIds: $agencyIds) {
         id unlocode agencies { id } postings { id }
       }
     }`,
    { name: 'Joint unit', ...input },
    token,
  );
const grantRole = (giver: string, input: GrantInput): Promise<Grant | Fault> =>
  call<Grant>(
    'mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id role operationId country unitId } }',
    { input },
    tokens[giver],
  );
const endGrant = (giver: string, id: string): Promise<boolean | Fault> =>
  call<boolean>('mutation ($id: UUID!) { endGrant(id: $id) }', { id }, tokens[giver]);

/** What becomes of one call by each of the givers: OK, or the code of the error. */
async function outcomes(ask: (giver: string) => Promise<unknown>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const giver of Object.keys(tokens)) {
    const answer = await ask(giver);
    found[giver] = isFault(answer) ? answer.code : 'OK';
  }
  return found;
}

/** What everybody gets who is not named. */
const forbiddenBut = (others: Record<string, string>): Record<string, string> => ({
  ...Object.fromEntries(Object.keys(tokens).map((giver) => [giver, 'FORBIDDEN'])),
  ...others,
});
const rules = (answer: unknown): readonly string[] =>
  isFault(answer) ? (answer.fields ?? []).map(({ path, rule }) => `${path} ${rule}`).sort() : [];

describe('who may give which role', () => {
  const ask = (input: () => Omit<GrantInput, 'userId'>, agencyOf?: 'KE'): Promise<Record<string, string>> =>
    outcomes(async (giver) =>
      grantRole(giver, { userId: await person(agencyOf ? agencies[agencyOf] : null), ...input() }),
    );

  test('administrators and hub officers are made by administrators', async () => {
    expect(await ask(() => ({ role: 'ADMINISTRATOR' }))).toEqual(forbiddenBut({ administrator: 'OK' }));
    expect(await ask(() => ({ role: 'HUB' }))).toEqual(forbiddenBut({ administrator: 'OK' }));
  });

  test('observers, and analysts of the hub, are made by administrators and the hub', async () => {
    const expected = forbiddenBut({ administrator: 'OK', hub: 'OK' });
    expect(await ask(() => ({ role: 'OBSERVER', operationId: sea }))).toEqual(expected);
    expect(await ask(() => ({ role: 'ANALYST' }))).toEqual(expected);
    expect(await ask(() => ({ role: 'ANALYST', operationId: sea }))).toEqual(expected);
  });

  test('coordinators are made by administrators', async () => {
    expect(await ask(() => ({ role: 'NATIONAL_COORDINATOR', country: 'KE' }))).toEqual(
      forbiddenBut({ administrator: 'OK' }),
    );
    expect(await ask(() => ({ role: 'NATIONAL_COORDINATOR', country: 'KE', operationId: sea }))).toEqual(
      forbiddenBut({ administrator: 'OK' }),
    );
  });

  test("a country's officers and analysts are made by administrators and the country's coordinators", async () => {
    const expected = forbiddenBut({ administrator: 'OK', 'KE coordinator': 'OK', 'KE coordinator at sea': 'OK' });
    expect(await ask(() => ({ role: 'AGENCY_OFFICER', operationId: sea, country: 'KE' }), 'KE')).toEqual(expected);
    expect(await ask(() => ({ role: 'PORT_UNIT_OFFICER', operationId: sea, unitId: units.KE }), 'KE')).toEqual(
      expected,
    );
    expect(await ask(() => ({ role: 'ANALYST', operationId: sea, country: 'KE' }))).toEqual(expected);
  });

  test('nobody gives a role to oneself', async () => {
    for (const giver of ['administrator', 'hub', 'KE coordinator']) {
      const answer = await grantRole(giver, { userId: ids[giver] ?? '', role: 'ANALYST', operationId: sea });
      expect(answer).toMatchObject({ code: 'FORBIDDEN' });
    }
  });
});

describe('where a coordinator may give roles', () => {
  const officer = async (giver: string, country: string, operationId: string): Promise<unknown> =>
    grantRole(giver, { userId: await person(null), role: 'ANALYST', operationId, country });

  test('an operation that the country has no part in, or no longer, is as absent as one that does not exist', async () => {
    const absent = await officer('KE coordinator', 'KE', randomUUID());
    expect(absent).toMatchObject({ code: 'NOT_FOUND' });
    expect(await officer('KE coordinator', 'KE', other)).toEqual(absent);
    expect(await officer('KE coordinator at sea', 'KE', other)).toEqual(absent);
    expect(await officer('BR coordinator', 'BR', sea)).toEqual(absent);
    expect(await officer('ZA coordinator', 'ZA', sea)).toEqual(absent);
  });

  test('an officer without a country does not show whether an operation exists', async () => {
    const ask = async (operationId: string): Promise<unknown> =>
      grantRole('KE coordinator', { userId: await person(null), role: 'AGENCY_OFFICER', operationId });
    expect(await ask(other)).toEqual(await ask(randomUUID()));
  });

  test('before the country has accepted, it has no officers there', async () => {
    expect(rules(await officer('OM coordinator', 'OM', sea))).toEqual(['input.operationId participation']);
  });

  test('an operation that does not exist is absent for those who know all of them, too', async () => {
    const ask = async (giver: string): Promise<unknown> =>
      grantRole(giver, { userId: await person(null), role: 'OBSERVER', operationId: randomUUID() });
    expect(await ask('hub')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await ask('administrator')).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('what a grant must be', () => {
  test('everything wrong with it comes in one answer', async () => {
    const answer = await grantRole('administrator', {
      userId: randomUUID(),
      role: 'HUB',
      operationId: sea,
      country: 'QQ',
      unitId: randomUUID(),
    });
    expect(rules(answer)).toEqual([
      'input.country country',
      'input.country not-allowed',
      'input.operationId not-allowed',
      'input.unitId not-allowed',
      'input.unitId unknown',
      'input.userId unknown',
    ]);
  });

  test('an officer acts for the home agency, so it must be of the country', async () => {
    const officer = { role: 'AGENCY_OFFICER', operationId: sea, country: 'KE' };
    const portOfficer = { role: 'PORT_UNIT_OFFICER', operationId: sea, unitId: units.KE };
    for (const agencyId of [null, agencies.TZ]) {
      const userId = await person(agencyId);
      expect(rules(await grantRole('KE coordinator', { userId, ...officer }))).toEqual(['input.userId home-agency']);
      expect(rules(await grantRole('KE coordinator', { userId, ...portOfficer }))).toEqual([
        'input.userId home-agency',
      ]);
    }
  });

  test('people of another country do not coordinate or analyse for this one, but may observe', async () => {
    const userId = await person(agencies.TZ);
    const ask = (role: string): Promise<unknown> =>
      grantRole('administrator', { userId, role, operationId: sea, country: 'KE' });
    expect(rules(await ask('NATIONAL_COORDINATOR'))).toEqual(['input.userId home-agency']);
    expect(rules(await ask('ANALYST'))).toEqual(['input.userId home-agency']);
    expect(await ask('OBSERVER')).toMatchObject({ role: 'OBSERVER', country: 'KE' });
  });

  test("a port unit officer's country is the unit's, and no other may be given", async () => {
    const userId = await person(agencies.KE);
    const officer = { userId, role: 'PORT_UNIT_OFFICER', operationId: sea, unitId: units.KE };
    expect(rules(await grantRole('administrator', { ...officer, country: 'TZ' }))).toContain('input.country unit');
    expect(await grantRole('administrator', officer)).toMatchObject({
      country: 'KE',
      unitId: units.KE,
      operationId: sea,
    });
    expect(await grantRole('TZ coordinator', { ...officer, userId: await person(agencies.KE) })).toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  test('a code that is no country is refused with the ones that were likely meant', async () => {
    const answer = await grantRole('administrator', {
      userId: await person(null),
      role: 'NATIONAL_COORDINATOR',
      country: 'UK',
    });
    expect(isFault(answer) && answer.fields?.[0]?.message).toContain('GB');
  });

  test('a role given again, also at one instant, is the grant that stands', async () => {
    const input = { userId: await person(agencies.KE), role: 'AGENCY_OFFICER', operationId: sea, country: 'KE' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => grantRole('KE coordinator', input)));
    expect(new Set(answers.map((answer) => good(answer).id)).size).toBe(1);
    const { rows } = await database.query(
      `SELECT FROM audit_entries WHERE action = 'grant.given' AND details->>'userId' = $1`,
      [input.userId],
    );
    expect(rows).toHaveLength(1);
  });
});

describe('ending grants', () => {
  const officerGrant = async (operationId = sea): Promise<string> =>
    hold({ userId: await person(agencies.KE), role: 'AGENCY_OFFICER', operationId, country: 'KE' });

  test('whoever may give a role may end it; who is not to know of it finds nothing', async () => {
    expect(await outcomes(async (giver) => endGrant(giver, await officerGrant()))).toEqual(
      forbiddenBut({
        administrator: 'OK',
        'KE coordinator': 'OK',
        'KE coordinator at sea': 'OK',
        'TZ coordinator': 'NOT_FOUND',
        'OM coordinator': 'NOT_FOUND',
        'BR coordinator': 'NOT_FOUND',
        'ZA coordinator': 'NOT_FOUND',
      }),
    );
  });

  test('a coordinator of one operation ends nothing in another', async () => {
    expect(await endGrant('KE coordinator at sea', await officerGrant(other))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a coordinator does not end the role of another coordinator of the country', async () => {
    const id = await hold({
      userId: await person(null),
      role: 'NATIONAL_COORDINATOR',
      country: 'KE',
      operationId: sea,
    });
    expect(await endGrant('KE coordinator', id)).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('nobody ends an own role', async () => {
    const { rows } = await database.query<{ id: string }>('SELECT id FROM grants WHERE user_id = $1', [
      ids.administrator,
    ]);
    expect(await endGrant('administrator', rows[0]?.id ?? '')).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a grant that has ended, or never was, is not found', async () => {
    const id = await officerGrant();
    expect(await endGrant('administrator', id)).toBe(true);
    expect(await endGrant('administrator', id)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await endGrant('administrator', randomUUID())).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('it takes effect with the next request, is told to other processes, and is audited', async () => {
    const userId = await person(null);
    const token = await tokenOf(userId);
    const users = (): Promise<unknown> => call('{ users(country: "KE") { id } }', {}, token);
    expect(await users()).toMatchObject({ code: 'FORBIDDEN' });
    const heard: (string | undefined)[] = [];
    const twiceHeard = new Promise<void>((resolve) => {
      database.on('notification', ({ payload }) => {
        heard.push(payload);
        if (heard.length === 2) resolve();
      });
    });
    await database.query('LISTEN muster_access');
    const { id } = good(await grantRole('administrator', { userId, role: 'NATIONAL_COORDINATOR', country: 'KE' }));
    expect(isFault(await users())).toBe(false);
    await endGrant('administrator', id);
    expect(await users()).toMatchObject({ code: 'FORBIDDEN' });
    await twiceHeard;
    await database.query('UNLISTEN muster_access');
    expect(heard).toEqual([userId, userId]);
    const { rows } = await database.query(
      'SELECT action, actor_id FROM audit_entries WHERE subject_id = $1 ORDER BY id',
      [id],
    );
    expect(rows).toEqual([
      { action: 'grant.given', actor_id: ids.administrator },
      { action: 'grant.ended', actor_id: ids.administrator },
    ]);
  });
});

describe('agencies and port units', () => {
  test('agencies are added by administrators and coordinators of the country', async () => {
    const add = (giver: string): Promise<unknown> =>
      call(
        'mutation { createAgency(name: "Forest service", kind: FORESTRY, country: "KE") { id } }',
        {},
        tokens[giver],
      );
    expect(await outcomes(add)).toEqual(
      forbiddenBut({ administrator: 'OK', 'KE coordinator': 'OK', 'KE coordinator at sea': 'OK' }),
    );
  });

  test('port units are added by administrators and coordinators of the country', async () => {
    const input = { country: 'KE', unlocode: 'KE MBA', agencyIds: [agencies.KE] };
    expect(await outcomes((giver) => createUnit(tokens[giver], input))).toEqual(
      forbiddenBut({ administrator: 'OK', 'KE coordinator': 'OK', 'KE coordinator at sea': 'OK' }),
    );
    expect(await createUnit(tokens.administrator, input)).toMatchObject({
      unlocode: 'KEMBA',
      agencies: [{ id: agencies.KE }],
    });
  });

  test("a port unit's agencies and place are of its country, and all that is wrong comes in one answer", async () => {
    const answer = await createUnit(tokens.administrator, {
      name: ' ',
      country: 'KE',
      unlocode: 'TZDAR',
      agencyIds: [agencies.KE, agencies.TZ, randomUUID()],
    });
    expect(rules(answer)).toEqual(['agencyIds.1 country', 'agencyIds.2 unknown', 'name required', 'unlocode country']);
    expect(
      rules(await createUnit(tokens.administrator, { country: 'KE', unlocode: 'Mombasa', agencyIds: [] })),
    ).toEqual(['agencyIds required', 'unlocode form']);
  });

  test('anyone with an account may list agencies and units, of a country or of all', async () => {
    const list = (country?: string): Promise<{ country: string }[] | Fault> =>
      call(
        'query ($country: CountryCode) { agencies(country: $country) { country } }',
        { country },
        tokens['nobody in particular'],
      );
    expect(new Set(good(await list('TZ')).map(({ country }) => country))).toEqual(new Set(['TZ']));
    expect(new Set(good(await list()).map(({ country }) => country))).toEqual(new Set(['KE', 'TZ']));
  });

  test('people of a country are listed for its coordinators, the hub and administrators', async () => {
    expect(await outcomes((giver) => call('{ users(country: "KE") { id } }', {}, tokens[giver]))).toEqual(
      forbiddenBut({
        administrator: 'OK',
        hub: 'OK',
        'hub analyst': 'OK',
        'KE coordinator': 'OK',
        'KE coordinator at sea': 'OK',
      }),
    );
  });
});

describe('postings', () => {
  interface PostingInput {
    readonly unitId?: string;
    readonly userId: string;
    readonly from: string;
    readonly until?: string;
  }
  const post = (giver: string, input: PostingInput): Promise<{ id: string } | Fault> =>
    call(
      `mutation ($unitId: UUID!, $userId: UUID!, $from: Date!, $until: Date) {
         postOfficer(unitId: $unitId, userId: $userId, from: $from, until: $until) {
           id officer { id } homeAgency { id } from until
         }
       }`,
      { unitId: units.KE, ...input },
      tokens[giver],
    );

  test("officers are posted by administrators and coordinators of the unit's country", async () => {
    expect(
      await outcomes(async (giver) => post(giver, { userId: await person(agencies.KE), from: '2026-01-01' })),
    ).toEqual(forbiddenBut({ administrator: 'OK', 'KE coordinator': 'OK', 'KE coordinator at sea': 'OK' }));
  });

  test('a posting keeps the home agency and its days', async () => {
    const userId = await person(agencies.KE);
    expect(await post('KE coordinator', { userId, from: '2026-01-01', until: '2026-01-01' })).toMatchObject({
      officer: { id: userId },
      homeAgency: { id: agencies.KE },
      from: '2026-01-01',
      until: '2026-01-01',
    });
  });

  test("the home agency is one of the unit's", async () => {
    for (const agencyId of [null, agencies.TZ, await agency('KE')]) {
      const answer = await post('administrator', { userId: await person(agencyId), from: '2026-01-01' });
      expect(rules(answer)).toEqual(['userId home-agency']);
    }
  });

  test('a posting ends on or after its first day, and unknown units and people are named together', async () => {
    const answer = await post('administrator', {
      unitId: randomUUID(),
      userId: randomUUID(),
      from: '2026-01-02',
      until: '2026-01-01',
    });
    expect(rules(answer)).toEqual(['unitId unknown', 'until range', 'userId unknown']);
  });

  test('nobody is posted twice to one unit on one day, also when asked at one instant', async () => {
    const userId = await person(agencies.KE);
    good(await post('administrator', { userId, from: '2026-01-01', until: '2026-01-31' }));
    expect(rules(await post('administrator', { userId, from: '2026-01-31' }))).toEqual(['from overlap']);
    good(await post('administrator', { userId, from: '2026-02-01', until: '2026-02-28' }));
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => post('administrator', { userId, from: '2026-03-01' })),
    );
    expect(answers.filter((answer) => !isFault(answer))).toHaveLength(1);
  });

  test("postings are told to the unit's country and the hub", async () => {
    const userId = await person(agencies.TZ);
    good(await post('TZ coordinator', { unitId: units.TZ, userId, from: '2026-01-01' }));
    const told = await outcomes(async (asker) => {
      const listed = good(
        await call<{ id: string; postings: unknown[] }[]>(
          '{ portUnits(country: "TZ") { id postings { id } } }',
          {},
          tokens[asker],
        ),
      );
      const postings = listed.find(({ id }) => id === units.TZ)?.postings ?? [];
      return { code: postings.length > 0 ? 'told' : 'empty' };
    });
    expect(Object.keys(told).filter((asker) => told[asker] === 'told')).toEqual([
      'hub',
      'hub analyst',
      'TZ coordinator',
    ]);
  });
});
