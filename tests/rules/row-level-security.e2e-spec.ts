import pg from 'pg';
import { v7 } from 'uuid';

import { type TestDatabase, testDatabase } from '../setup/index.js';

const SEA = '018f0000-0000-7000-8000-000000000001';
const ELSEWHERE = '018f0000-0000-7000-8000-000000000002';
const AUTHOR = '018f0000-0000-7000-8000-00000000000a';
const NAMED = '018f0000-0000-7000-8000-00000000000b';
const SOMEBODY = '018f0000-0000-7000-8000-00000000000c';

type Level = 'RED' | 'AMBER_STRICT' | 'AMBER' | 'GREEN' | 'CLEAR';
const LEVELS: readonly Level[] = ['RED', 'AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'];

interface Grant {
  readonly role: string;
  readonly country: string | null;
  readonly operationId: string | null;
  /** How the country stands in the operation. */
  readonly participation: string | null;
}

interface Viewer {
  readonly userId: string;
  readonly asPerson: boolean;
  readonly grants: readonly Grant[];
}

function grant(role: string, country: string | null, more: Partial<Grant> = {}): Grant {
  return { role, country, operationId: SEA, participation: country === null ? null : 'ACCEPTED', ...more };
}

function person(userId: string, ...grants: readonly Grant[]): Viewer {
  return { userId, asPerson: true, grants };
}

const STANDING = { operationId: null, participation: null };
const NATIONAL_COORDINATOR = 'NATIONAL_COORDINATOR';
const AGENCY_OFFICER = 'AGENCY_OFFICER';
const PORT_UNIT_OFFICER = 'PORT_UNIT_OFFICER';
const ANALYST = 'ANALYST';
const OBSERVER = 'OBSERVER';
const HUB = 'HUB';
const ADMINISTRATOR = 'ADMINISTRATOR';

const NOTHING_BUT_CLEAR: readonly Level[] = ['CLEAR'];
const RELEASED: readonly Level[] = ['GREEN', 'CLEAR'];
const CONCERNED: readonly Level[] = ['AMBER', 'GREEN', 'CLEAR'];
const OWNERS_PEOPLE: readonly Level[] = ['AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'];

/**
 * The table of the domain's sharing levels, asked as each kind of viewer. The records are Kenya's, written by an officer of
 * Kenya; they name a person, concern KE, TZ, OM, NL, SC and MZ, add BR and BE, and leave out OM, BE and ZA.
 */
const viewers: readonly [string, Viewer, readonly Level[]][] = [
  ['a coordinator of the owner', person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'KE')), LEVELS],
  ['the author', person(AUTHOR, grant(AGENCY_OFFICER, 'KE')), LEVELS],
  ['another agency officer of the owner', person(SOMEBODY, grant(AGENCY_OFFICER, 'KE')), OWNERS_PEOPLE],
  ['a port unit officer of the owner', person(SOMEBODY, grant(PORT_UNIT_OFFICER, 'KE')), OWNERS_PEOPLE],
  ['an analyst of the owner', person(SOMEBODY, grant(ANALYST, 'KE')), OWNERS_PEOPLE],
  ['an officer of the hub', person(SOMEBODY, grant(HUB, null, STANDING)), OWNERS_PEOPLE],
  ['a standing analyst of the hub', person(SOMEBODY, grant(ANALYST, null, STANDING)), OWNERS_PEOPLE],
  ['an analyst of the hub in the operation', person(SOMEBODY, grant(ANALYST, null)), OWNERS_PEOPLE],
  [
    'the hub as a class of viewers',
    { ...person(SOMEBODY, grant(HUB, null, STANDING)), asPerson: false },
    OWNERS_PEOPLE,
  ],
  [
    "a class of the owner's officers, which the author is of",
    { ...person(AUTHOR, grant(AGENCY_OFFICER, 'KE')), asPerson: false },
    OWNERS_PEOPLE,
  ],
  ['a person of a concerned country who is named', person(NAMED, grant(AGENCY_OFFICER, 'TZ')), ['RED', ...CONCERNED]],
  ['a person of another country who is named', person(NAMED, grant(AGENCY_OFFICER, 'AE')), ['RED', ...RELEASED]],
  ['an officer of the hub who is named', person(NAMED, grant(HUB, null, STANDING)), LEVELS],
  ['a coordinator of a concerned country', person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'TZ')), CONCERNED],
  ['an officer of a concerned country', person(SOMEBODY, grant(PORT_UNIT_OFFICER, 'TZ')), CONCERNED],
  ['a coordinator of a country added by name', person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'BR')), CONCERNED],
  ['a concerned country that is left out', person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'OM')), NOTHING_BUT_CLEAR],
  ['a country added and left out at once', person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'BE')), NOTHING_BUT_CLEAR],
  ['another accepted country', person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'AE')), RELEASED],
  ['another accepted country that is left out', person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'ZA')), NOTHING_BUT_CLEAR],
  [
    'a person of two countries, one of which is left out',
    person(SOMEBODY, grant(AGENCY_OFFICER, 'OM'), grant(ANALYST, 'AE')),
    RELEASED,
  ],
  [
    'a concerned country that is only invited',
    person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'NL', { participation: 'INVITED' })),
    NOTHING_BUT_CLEAR,
  ],
  [
    'a concerned country that declined',
    person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'SC', { participation: 'DECLINED' })),
    NOTHING_BUT_CLEAR,
  ],
  [
    'a concerned country that withdrew',
    person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'MZ', { participation: 'WITHDRAWN' })),
    NOTHING_BUT_CLEAR,
  ],
  [
    'the author, after the own country withdrew',
    person(AUTHOR, grant(AGENCY_OFFICER, 'KE', { participation: 'WITHDRAWN' })),
    NOTHING_BUT_CLEAR,
  ],
  ['a partner observer', person(SOMEBODY, grant(OBSERVER, null)), RELEASED],
  ['an observer for another country', person(SOMEBODY, grant(OBSERVER, 'AE')), RELEASED],
  ['an observer for a concerned country', person(SOMEBODY, grant(OBSERVER, 'TZ')), RELEASED],
  ['an observer for a country that is left out', person(SOMEBODY, grant(OBSERVER, 'ZA')), NOTHING_BUT_CLEAR],
  ['an administrator', person(SOMEBODY, grant(ADMINISTRATOR, null, STANDING)), NOTHING_BUT_CLEAR],
  [
    'a contact point of the owner who has no part in the operation',
    person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'KE', STANDING)),
    NOTHING_BUT_CLEAR,
  ],
  [
    'a coordinator of the owner in another operation',
    person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'KE', { operationId: ELSEWHERE })),
    NOTHING_BUT_CLEAR,
  ],
  [
    'an observer of another operation',
    person(SOMEBODY, grant(OBSERVER, null, { operationId: ELSEWHERE })),
    NOTHING_BUT_CLEAR,
  ],
  ['somebody with an account alone', person(SOMEBODY), NOTHING_BUT_CLEAR],
];

let database: TestDatabase;
let api: pg.Client;
let agencyId: string;

beforeAll(async () => {
  database = await testDatabase();
  agencyId = v7();
  await database.pool.query(`INSERT INTO agencies (id, name, kind, country) VALUES ($1, 'Customs', 'CUSTOMS', 'KE')`, [
    agencyId,
  ]);
  for (const [id, name] of [
    [AUTHOR, 'Author'],
    [NAMED, 'Named'],
    [SOMEBODY, 'Somebody'],
  ]) {
    await database.pool.query(`INSERT INTO users (id, email, name, created_at) VALUES ($1, $2, $2, now())`, [id, name]);
  }
  for (const id of [SEA, ELSEWHERE]) {
    await database.pool.query(
      `INSERT INTO operations (id, version, kind, code_name, phase, crime_areas, time_zone, operational_starts_on, created_at)
       VALUES ($1, 1, 'STANDING', 'Test', 'OPERATIONAL', '{}', 'UTC', '2026-01-01', now())`,
      [id],
    );
  }
  for (const level of LEVELS) await record(level);
  api = new pg.Client({ connectionString: database.roles.api });
  await api.connect();
});

afterAll(async () => {
  await api.end();
  await database.drop();
});

/** A record with all that hangs on it, of the sharing that the table above is about. */
async function record(level: Level): Promise<void> {
  const id = v7();
  await database.pool.query(
    `INSERT INTO record_ids (id, operation_id, country, content_hash, kind) VALUES ($1, $2, 'KE', '', 'violation')`,
    [id, SEA],
  );
  await database.pool.query(
    `INSERT INTO violations (operation_id, id, version, country, author_id, agency_id, source, scene, detected_at, day, time_zone, crime_area,
       nature, detection, use_restriction, late, exercise, risk_indicators, recorded_at, search_text,
       sharing_level, concerned_countries, added_countries, left_out_countries, named_user_ids)
     VALUES ($1, $2, 1, 'KE', $3, $4, 'COORDINATOR', 'SITE', now(), '2026-01-02', 'UTC', 'WILDLIFE', 'CRIMINAL', 'CHANCE', 'NONE', false, false,
       '{}', now(), 'ivory', $5, '{KE,TZ,OM,NL,SC,MZ}', '{BR,BE}', '{OM,BE,ZA}', $6)`,
    [SEA, id, AUTHOR, agencyId, level, [NAMED]],
  );
  await database.pool.query(
    `INSERT INTO violation_lines (operation_id, violation_id, line, agreement, commodity, quantity, unit, basis, value_basis)
     VALUES ($1, $2, 0, 'CITES', 'elephant-ivory', 1, 'KG', 'WEIGHED', 'ESTIMATED')`,
    [SEA, id],
  );
  await database.pool.query(
    `INSERT INTO violation_versions (operation_id, violation_id, version, position, recorded_at, author_id, agency_id, content)
     VALUES ($1, $2, 1, 1, now(), $3, $4, '{}')`,
    [SEA, id, AUTHOR, agencyId],
  );
  await database.pool.query(
    `INSERT INTO cargo_units (operation_id, record_id, ordinal, kind, number, as_marked, detected_at, void)
     VALUES ($1, $2, 0, 'container', 'CSQU3054383', false, now(), false)`,
    [SEA, id],
  );
  await database.pool.query(
    `INSERT INTO feed_events (operation_id, position, kind, occurred_at, subject_id, country)
     VALUES ($1, $2, 'violation.logged', now(), $3, 'KE')`,
    [SEA, LEVELS.indexOf(level) + 1, id],
  );
  await database.pool.query(
    `INSERT INTO audit_entries (operation_id, at, part, action, subject_id) VALUES ($1, now(), 'test', $2, $3)`,
    [SEA, level, id],
  );
}

/** A report of Kenya that has just been received, in the words of a statement. */
function received(id: string, author: string, unit: string): [string, unknown[]] {
  return [
    `INSERT INTO seizures (operation_id, id, version, country, author_id, agency_id, agency_ids, unit_id, cargo_kind, cargo_number, cargo_as_marked,
           seals, declared_goods, found_goods, risk_indicators, detected_at, day, time_zone, crime_area, nature, detection, use_restriction, late,
           exercise, transport_mode, direction, origin, transit, destination, lines, sharing_level, added_countries, left_out_countries,
           named_user_ids, concerned_countries, status, findings, received_at)
         VALUES ($1, $2, 1, 'KE', $3, $4, '{}', $5, 'container', 'CSQU3054383', false, '{}', '', '', '{}', now(), '2026-01-02', 'UTC', 'WILDLIFE',
           'CRIMINAL', 'CHANCE', 'NONE', false, false, 'MARITIME', 'IMPORT', 'NL', '{}', 'KE', '[]', 'GREEN', '{}', '{}', '{}', '{}', 'RECEIVED', '[]', now())`,
    [SEA, id, author, agencyId, unit],
  ];
}

/** Gives the viewer's person these grants and no others. */
async function give({ userId, grants }: Viewer): Promise<void> {
  await database.pool.query(`DELETE FROM grants`);
  await database.pool.query(`DELETE FROM participations`);
  for (const { role, country, operationId, participation } of grants) {
    await database.pool.query(
      `INSERT INTO grants (id, user_id, role, operation_id, country, granted_at) VALUES ($1, $2, $3, $4, $5, now())`,
      [v7(), userId, role, operationId, country],
    );
    if (participation !== null) {
      await database.pool.query(
        `INSERT INTO participations (id, operation_id, country, status, invited_at) VALUES ($1, $2, $3, $4, now())`,
        [v7(), operationId, country, participation],
      );
    }
  }
}

/** Works as the api does for somebody who has entered an operation, and takes everything back. */
async function asActor<T>(userId: string, asPerson: boolean, operationId: string, work: () => Promise<T>): Promise<T> {
  await api.query('BEGIN');
  try {
    await api.query(`SELECT set_config('muster.user_id', $1, true), enter_operation($2, $3)`, [
      userId,
      operationId,
      asPerson,
    ]);
    return await work();
  } finally {
    await api.query('ROLLBACK');
  }
}

async function levels(text: string): Promise<Level[]> {
  const { rows } = await api.query<{ level: Level }>(text);
  return LEVELS.filter((level) => rows.some((row) => row.level === level));
}

const PARTS = [
  ['violation_lines', 'violation_id'],
  ['violation_versions', 'violation_id'],
  ['cargo_units', 'record_id'],
] as const;

test.each(viewers)('%s sees what the table says', async (_, viewer, expected) => {
  await give(viewer);
  const { userId, asPerson } = viewer;
  const [seen, lines, events] = await asActor(userId, asPerson, SEA, async () => [
    await levels(`SELECT sharing_level AS level FROM violations`),
    await Promise.all(
      PARTS.map(
        async ([table, key]) => (await api.query<{ id: string }>(`SELECT ${key} AS id FROM ${table}`)).rows.length,
      ),
    ),
    (await api.query(`SELECT FROM feed_events`)).rows.length,
  ]);
  expect(seen).toEqual(expected);
  // What hangs on a record is there for exactly those who see it; the feed tells nothing to who has no part in the operation.
  expect(lines).toEqual(PARTS.map(() => expected.length));
  const isInside = expected.length > 1 || isObserver(viewer);
  expect(events).toBe(isInside ? expected.length : (await entered(viewer)) ? expected.length : 0);
});

test.each(viewers)('%s is told of the same events in a round of the live feed', async (_, viewer) => {
  await give(viewer);
  const { userId, asPerson } = viewer;
  const seen = await asActor(userId, asPerson, SEA, async () =>
    subjects(await api.query(`SELECT subject_id FROM feed_events`)),
  );
  // Beside somebody who sees other events.
  const other = { userId: v7(), asPerson: true };
  const [told, records] = await asLiveFeed(async () => [
    subjects(await api.query(EVENTS_SEEN_BY, [SEA, JSON.stringify([other, { userId, asPerson }])])),
    (await api.query<{ id: string }>(`SELECT id FROM shared_records ORDER BY id`)).rows.map(({ id }) => id),
  ]);
  expect(told).toEqual(seen);
  // And the live feed then reads these records and no other.
  expect(records).toEqual(seen);
});

const EVENTS_SEEN_BY = `SELECT subject_id FROM events_seen_by($1, $2, 0, 1000) WHERE 1 = ANY (seen_by)`;

const subjects = ({ rows }: { rows: { subject_id: string }[] }): string[] => rows.map((row) => row.subject_id).sort();

async function asLiveFeed<T>(work: () => Promise<T>): Promise<T> {
  await api.query('BEGIN');
  try {
    await api.query(`SELECT set_config('muster.part', 'live feed', true)`);
    return await work();
  } finally {
    await api.query('ROLLBACK');
  }
}

const isObserver = ({ grants }: Viewer): boolean =>
  grants.some(({ role, operationId }) => role === OBSERVER && operationId === SEA);

async function entered({ userId, asPerson }: Viewer): Promise<boolean> {
  return asActor(userId, asPerson, SEA, async () => {
    const { rows } = await api.query<{ inside: boolean }>(`SELECT viewer_is_inside() AS inside`);
    return rows[0]?.inside ?? false;
  });
}

test.each([
  ['an officer of the hub', person(SOMEBODY, grant(HUB, null, STANDING)), OWNERS_PEOPLE],
  ['an officer of the hub who is named', person(NAMED, grant(HUB, null, STANDING)), LEVELS],
  ['a coordinator of the owner', person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'KE')), LEVELS],
  ['a coordinator of a concerned country', person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'TZ')), CONCERNED],
  ['another officer of the owner', person(SOMEBODY, grant(AGENCY_OFFICER, 'KE')), []],
  ['an observer', person(SOMEBODY, grant(OBSERVER, null)), []],
])('%s finds in the log what was done to records that they see', async (_, viewer, expected) => {
  await give(viewer);
  const logged = await asActor(viewer.userId, true, SEA, () => levels(`SELECT action AS level FROM audit_entries`));
  expect(logged).toEqual(expected);
});

test('somebody who entered another operation sees of this one what is CLEAR, be it the own record', async () => {
  await give(person(AUTHOR, grant(NATIONAL_COORDINATOR, 'KE')));
  await asActor(AUTHOR, true, ELSEWHERE, async () => {
    expect(await levels(`SELECT sharing_level AS level FROM violations`)).toEqual(['CLEAR']);
  });
});

/** Tables without policies for the api, each with the reason why. */
const OPEN: Readonly<Record<string, string>> = {
  agencies: 'who takes part is no secret among accounts',
  audit_heads: 'hashes and signatures, told as `auditHeads` words them',
  audit_keys: 'public keys',
  audit_seals: 'places in the chains: ids and hashes of entries, no content',
  commodities: 'reference data',
  countries: 'reference data',
  exchange_rates: 'reference data',
  feed_heads: 'a counter of each operation, which no answer tells',
  grants: 'asked before there is an actor: they make the actor',
  identity_providers: 'asked at sign-in, before there is an actor; the secret is encrypted',
  operation_risk_indicators: "the operation's frame",
  operations: 'the frame, told to those invited by `enter`; it holds no record',
  participations: 'the frame: which countries take part, and not what they report',
  passkeys: 'asked at sign-in, before there is an actor; public keys alone',
  places: 'reference data',
  port_unit_agencies: 'who works together at a port is no secret among accounts',
  port_units: 'the same',
  postings: 'asked before there is an actor: they make the actor',
  provider_links: 'asked at sign-in, before there is an actor',
  recovery_codes: 'asked at sign-in, before there is an actor; hashes alone',
  reference_version: 'reference data',
  refresh_tokens: 'asked before there is an actor; hashes alone',
  access_tokens: 'asked before there is an actor; hashes alone',
  risk_indicators: 'reference data',
  sessions: 'asked before there is an actor',
  sign_in_failures: 'counted before there is an actor',
  sign_in_steps: 'asked at sign-in, before there is an actor; encrypted',
  totp_factors: 'asked at sign-in, before there is an actor; encrypted',
  user_invitations: 'asked before there is an actor; hashes alone',
  users: 'asked at sign-in, before there is an actor; told by the rules of the API',
};

/** Tables that the api may not touch at all. */
const CLOSED = ['audit_sealer', 'migrations'];

describe('every table of the schema', () => {
  test('has policies, or is on the short list with its reason, or is closed to the api', async () => {
    const { rows } = await database.pool.query<{ name: string; secured: boolean; open: boolean }>(
      `SELECT c.relname AS name, c.relrowsecurity AS secured, has_any_column_privilege($1, c.oid, 'SELECT, INSERT, UPDATE')
         OR has_table_privilege($1, c.oid, 'DELETE') AS open
       FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
      [new URL(database.roles.api).username],
    );
    const named = (is: (row: { name: string; secured: boolean; open: boolean }) => boolean): string[] =>
      rows
        .filter(is)
        .map(({ name }) => name)
        .sort();
    expect(named(({ secured, open }) => open && !secured)).toEqual(Object.keys(OPEN).sort());
    expect(named(({ open }) => !open)).toEqual(expect.arrayContaining(CLOSED));
    expect(named(({ secured }) => secured).length).toBeGreaterThan(12);
  });

  test('shows the api no row of a secured table, as long as nobody acts', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity AND relname <> 'secrets'
         AND has_table_privilege($1, oid, 'SELECT')`,
      [new URL(database.roles.api).username],
    );
    for (const { name } of rows) expect([name, (await api.query(`SELECT FROM ${name}`)).rowCount]).toEqual([name, 0]);
  });

  test.each(['api', 'worker'] as const)('the role of the %s owns nothing and can bypass nothing', async (part) => {
    const role = new URL(database.roles[part]).username;
    const { rows } = await database.pool.query(
      `SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb AS mighty,
         (SELECT count(*)::int FROM pg_class c WHERE c.relowner = r.oid) AS owned,
         (SELECT count(*)::int FROM pg_proc f WHERE f.proowner = r.oid) AS functions,
         (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS memberships
       FROM pg_roles r WHERE r.rolname = $1`,
      [role],
    );
    // Of its deputy alone, which the policies of the api bind.
    const memberships = part === 'worker' ? 1 : 0;
    expect(rows).toEqual([{ mighty: false, owned: 0, functions: 0, memberships }]);
  });

  test('no function that runs as the owner can be led to a temporary table of its caller', async () => {
    const { rows } = await database.pool.query<{ name: string; path: string }>(
      `SELECT p.proname AS name, coalesce(array_to_string(p.proconfig, ' '), '') AS path FROM pg_proc p
       WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef`,
    );
    expect(rows.length).toBeGreaterThan(10);
    for (const { name, path } of rows) expect([name, path]).toEqual([name, expect.stringMatching(/public, pg_temp/)]);
  });

  test('no function that runs as the owner is open to every role', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `SELECT p.proname AS name FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
         AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WHERE grantee = 0)`,
    );
    expect(rows).toEqual([]);
  });

  test.each([
    `UPDATE audit_entries SET action = 'x'`,
    `DELETE FROM audit_entries`,
    `UPDATE figures SET persons = 0`,
    `DELETE FROM violations`,
    `DELETE FROM feed_events`,
    `SELECT FROM readings`,
    `SELECT FROM figure_kept`,
    `INSERT INTO figure_kept SELECT`,
    `DELETE FROM figure_questions`,
    `ALTER TABLE violations DISABLE ROW LEVEL SECURITY`,
    `DROP POLICY violations_api_select ON violations`,
    `CREATE TABLE mine ()`,
    `SET ROLE muster`,
  ])('the api may not: %s', async (statement) => {
    await expect(api.query(statement)).rejects.toThrow(/permission denied|must be owner/);
  });

  test('the worker may not read how people sign in', async () => {
    const worker = new pg.Client({ connectionString: database.roles.worker });
    await worker.connect();
    try {
      for (const what of [
        'password_hash FROM users',
        '* FROM totp_factors',
        '* FROM passkeys',
        '* FROM recovery_codes',
      ]) {
        await expect(worker.query(`SELECT ${what}`)).rejects.toThrow(/permission denied/);
      }
    } finally {
      await worker.end();
    }
  });
});

describe('writing', () => {
  const insert = (country: string, operationId = SEA): [string, unknown[]] => [
    `INSERT INTO violations (operation_id, id, version, country, author_id, agency_id, source, scene, detected_at, day, time_zone, crime_area,
       nature, detection, use_restriction, late, exercise, risk_indicators, recorded_at, search_text,
       sharing_level, concerned_countries, added_countries, left_out_countries, named_user_ids)
     VALUES ($1, $2, 1, $3, $4, $5, 'COORDINATOR', 'SITE', now(), '2026-01-02', 'UTC', 'WILDLIFE', 'CRIMINAL', 'CHANCE', 'NONE', false, false,
       '{}', now(), 'ivory', 'GREEN', '{}', '{}', '{}', '{}')`,
    [operationId, v7(), country, SOMEBODY, agencyId],
  ];

  test('nobody writes a record for another country, or in an operation that was not entered', async () => {
    await give(person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'KE')));
    await asActor(SOMEBODY, true, SEA, async () => {
      await api.query(...insert('KE'));
      await api.query('SAVEPOINT before');
      await expect(api.query(...insert('TZ'))).rejects.toThrow(/row-level security/);
      await api.query('ROLLBACK TO before');
      await expect(api.query(...insert('KE', ELSEWHERE))).rejects.toThrow(/row-level security/);
    });
  });

  test('nobody changes a record of another country that they see', async () => {
    await give(person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'TZ')));
    await asActor(SOMEBODY, true, SEA, async () => {
      await expect(api.query(`UPDATE violations SET narrative = 'mine' WHERE sharing_level = 'GREEN'`)).rejects.toThrow(
        /row-level security/,
      );
    });
    await asActor(SOMEBODY, true, SEA, async () => {
      const { rowCount } = await api.query(`UPDATE violations SET narrative = 'mine' WHERE sharing_level = 'RED'`);
      expect(rowCount).toBe(0);
    });
  });

  test('an audit entry is written in the own name alone', async () => {
    await give(person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'KE')));
    await asActor(SOMEBODY, true, SEA, async () => {
      const entry = `INSERT INTO audit_entries (operation_id, at, actor_id, action) VALUES ($1, now(), $2, 'test')`;
      await api.query(entry, [SEA, SOMEBODY]);
      await expect(api.query(entry, [SEA, AUTHOR])).rejects.toThrow(/row-level security/);
    });
  });

  test('reports that are stored together are each judged by their own author', async () => {
    const unit = v7();
    await database.pool.query(
      `INSERT INTO port_units (id, name, kind, country, unlocode) VALUES ($1, 'Unit', 'SEA_PORT', 'KE', 'KEMBA')`,
      [unit],
    );
    await give(person(SOMEBODY, grant(PORT_UNIT_OFFICER, 'KE')));
    await database.pool.query(`UPDATE grants SET unit_id = $1`, [unit]);
    const report = (author: string): Promise<unknown> => api.query(...received(v7(), author, unit));
    await api.query('BEGIN');
    await api.query(`SELECT set_config('muster.part', 'intake', true)`);
    await report(SOMEBODY);
    await expect(report(AUTHOR)).rejects.toThrow(/row-level security/);
    await api.query('ROLLBACK');
  });

  test('an export and what is told of it are seen by its author alone, and only while that one takes part', async () => {
    const id = v7();
    const begin = (author: string, operation = SEA): [string, unknown[]] => [
      `INSERT INTO exports (operation_id, id, author_id, lane, standing, command_hash, format, filter, status, created_at)
       VALUES ($1, $2, $3, 'KE', '', '', 'CSV', '{}', 'WAITING', now())`,
      [operation, author === AUTHOR ? id : v7(), author],
    ];
    const kept = new pg.Client({ connectionString: database.url });
    await kept.connect();
    await kept.query(...begin(AUTHOR));
    await kept.query(`INSERT INTO export_records VALUES ($1, $2, 0, ARRAY[$2]::uuid[])`, [SEA, id]);
    await kept.query(
      `INSERT INTO feed_events (operation_id, position, kind, occurred_at, subject_id) VALUES ($1, 1000, 'export.begun', now(), $2)`,
      [SEA, id],
    );
    const seen = async ({ userId, asPerson }: Viewer, operation = SEA): Promise<(number | null)[]> =>
      asActor(userId, asPerson, operation, async () => {
        const counts: (number | null)[] = [];
        for (const from of ['exports', 'export_records', `feed_events WHERE kind = 'export.begun'`])
          counts.push((await api.query(`SELECT FROM ${from}`)).rowCount);
        return counts;
      });
    try {
      const author = person(AUTHOR, grant(AGENCY_OFFICER, 'KE'));
      await give(author);
      expect(await seen(author)).toEqual([1, 1, 1]);
      expect(await seen({ ...author, asPerson: false })).toEqual([0, 0, 0]);
      expect(await seen(author, ELSEWHERE)).toEqual([0, 0, 0]);
      await asActor(AUTHOR, true, SEA, async () => {
        const { rows } = await api.query<{ id: string }>(`SELECT export_named($1) AS id`, [id]);
        expect(rows[0]?.id).toBe(SEA);
        await api.query('SAVEPOINT before');
        for (const [text, values] of [
          begin(SOMEBODY),
          begin(AUTHOR, ELSEWHERE),
          [`UPDATE exports SET status = 'RUNNING'`, []] as [string, unknown[]],
          [`INSERT INTO export_records VALUES ($1, $2, 1, '{}')`, [SEA, id]] as [string, unknown[]],
        ]) {
          await expect(api.query(text, values)).rejects.toThrow(/row-level security|permission denied/);
          await api.query('ROLLBACK TO before');
        }
      });
      for (const other of [
        person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'KE')),
        person(SOMEBODY, grant(HUB, null, STANDING)),
        person(AUTHOR, grant(AGENCY_OFFICER, 'KE', { participation: 'WITHDRAWN' })),
      ]) {
        await give(other);
        expect(await seen(other)).toEqual([0, 0, 0]);
      }
      await asActor(SOMEBODY, true, SEA, async () => {
        const { rows } = await api.query<{ id: string | null }>(`SELECT export_named($1) AS id`, [id]);
        expect(rows[0]?.id).toBeNull();
      });
    } finally {
      for (const [table, key] of [
        ['exports', 'id'],
        ['export_records', 'export_id'],
        ['feed_events', 'subject_id'],
      ])
        await kept.query(`DELETE FROM ${table} WHERE ${key} = $1`, [id]);
      await kept.end();
    }
  });

  test('who acts for a person in the worker writes no record but that person could, and sees no other', async () => {
    await give(person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'TZ')));
    const worker = new pg.Client({ connectionString: database.roles.worker });
    await worker.connect();
    try {
      const sees = async (): Promise<string[]> =>
        (await worker.query<{ level: string }>(`SELECT DISTINCT sharing_level AS level FROM violations`)).rows.map(
          ({ level }) => level,
        );
      expect(await sees()).toContain('RED');
      await worker.query('BEGIN');
      await worker.query(`SELECT set_config('role', regexp_replace(session_user, '_worker$', '_deputy'), true)`);
      expect(await sees()).toEqual([]);
      await worker.query(`SELECT set_config('muster.user_id', $1, true)`, [SOMEBODY]);
      await worker.query(`SELECT enter_operation($1)`, [SEA]);
      expect((await sees()).sort()).toEqual([...CONCERNED].sort());
      await worker.query(...insert('TZ'));
      await worker.query('SAVEPOINT before');
      for (const [text, values] of [insert('KE'), insert('TZ', ELSEWHERE)]) {
        await expect(worker.query(text, values)).rejects.toThrow(/row-level security/);
        await worker.query('ROLLBACK TO before');
      }
      for (const what of ['password_hash FROM users', '* FROM sessions', '* FROM secrets', '* FROM figures']) {
        await expect(worker.query(`SELECT ${what}`)).rejects.toThrow(/permission denied/);
        await worker.query('ROLLBACK TO before');
      }
      await worker.query('ROLLBACK');
    } finally {
      await worker.end();
    }
  });
});

describe('the looks across the policies', () => {
  const record = v7();
  const report = v7();
  const CONTENT = Buffer.from('content');
  const own = person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'KE'));
  const officer = person(SOMEBODY, grant(AGENCY_OFFICER, 'KE'));
  const foreign = person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'TZ'));
  const hub = person(SOMEBODY, grant(HUB, null, STANDING));

  beforeAll(async () => {
    for (const [id, kind] of [
      [record, 'violation'],
      [report, 'seizure'],
    ]) {
      await database.pool.query(
        `INSERT INTO record_ids (id, operation_id, country, content_hash, kind) VALUES ($1, $2, 'KE', $3, $4)`,
        [id, SEA, CONTENT, kind],
      );
    }
    await database.pool.query(...received(report, AUTHOR, v7()));
    await database.pool.query(
      `INSERT INTO readings (batch, ordinal, at, operation_id, what, reader_ids, hub, countries, observer, record_ids, filter)
       VALUES ($1, 1, now(), $2, 'violations', $3, false, '{KE}', false, $4, 'ivory'), ($1, 2, now(), $2, 'violations', $5, false, '{TZ}', false, $4, 'ivory')`,
      [v7(), SEA, [AUTHOR], [record, report], [NAMED]],
    );
  });

  async function ask<Row extends pg.QueryResultRow>(viewer: Viewer, text: string, values: unknown[]): Promise<Row[]> {
    await give(viewer);
    return asActor(viewer.userId, true, SEA, async () => (await api.query<Row>(text, values)).rows);
  }

  const STANDS = `SELECT claim_standing($1, $2, $3, $4) AS standing`;

  test("an id that was used is the own country's or taken, whatever country somebody says to be of", async () => {
    const standing = async (viewer: Viewer, country: string, content = CONTENT, kind = 'violation'): Promise<unknown> =>
      (await ask<{ standing: string }>(viewer, STANDS, [record, country, content, kind]))[0]?.standing;
    expect(await standing(own, 'KE')).toBe('REPEAT');
    expect(await standing(own, 'KE', Buffer.from('other'))).toBe('OTHER');
    expect(await standing(own, 'KE', CONTENT, 'seizure')).toBe('OTHER');
    for (const viewer of [foreign, hub]) {
      expect([await standing(viewer, 'KE'), await standing(viewer, 'TZ')]).toEqual(['TAKEN', 'TAKEN']);
    }
  });

  test('a receipt is told to the own country alone, and to the part that takes reports in', async () => {
    const RECEIPT = `SELECT status FROM receipt_of($1, $2)`;
    expect(await ask(officer, RECEIPT, [SEA, report])).toEqual([{ status: 'RECEIVED' }]);
    for (const viewer of [foreign, hub]) expect(await ask(viewer, RECEIPT, [SEA, report])).toEqual([]);
    await api.query('BEGIN');
    await api.query(`SELECT set_config('muster.part', 'intake', true)`);
    expect((await api.query(RECEIPT, [SEA, report])).rowCount).toBe(1);
    await api.query('ROLLBACK');
    expect((await api.query(RECEIPT, [SEA, report])).rowCount).toBe(0);
  });

  test('only the live feed asks for several viewers, and reads what it tells them as nobody else', async () => {
    const viewers = JSON.stringify([{ userId: own.userId, asPerson: true }]);
    await expect(ask(own, EVENTS_SEEN_BY, [SEA, viewers])).rejects.toMatchObject({ code: '42501' });
    const records = (await database.pool.query<{ id: string }>(`SELECT id FROM shared_records`)).rows.map(
      ({ id }) => id,
    );
    const TOLD = `SELECT set_config('muster.told_records', $1, true)`;
    const shown = await asActor(foreign.userId, true, SEA, async () => {
      const before = await api.query(`SELECT FROM shared_records`);
      await api.query(`SELECT set_config('muster.part', 'live feed', true)`);
      await api.query(TOLD, [`{${records.join()}}`]);
      return [before.rowCount, (await api.query(`SELECT FROM shared_records`)).rowCount];
    });
    expect(shown[1]).toBe(shown[0]);
    // Whoever is entered after a round sees the own again.
    await asLiveFeed(async () => {
      await api.query(TOLD, [`{${records.join()}}`]);
      await api.query(`SELECT set_config('muster.user_id', $1, true), enter_operation($2)`, [foreign.userId, SEA]);
      expect((await api.query(`SELECT FROM shared_records`)).rowCount).toBe(shown[0]);
    });
  });

  test('that reports wait is told to the hub, and of its own country to whoever coordinates it', async () => {
    const WAIT = `SELECT reports_wait($1, $2) AS waits`;
    const refused = { code: '42501' };
    for (const country of [null, 'KE']) {
      expect(await ask(hub, WAIT, [SEA, country])).toEqual([{ waits: true }]);
      for (const viewer of [officer, foreign]) {
        await expect(ask(viewer, WAIT, [SEA, country])).rejects.toMatchObject(refused);
      }
    }
    expect(await ask(own, WAIT, [SEA, 'KE'])).toEqual([{ waits: true }]);
    await expect(ask(own, WAIT, [SEA, null])).rejects.toMatchObject(refused);
    const LISTED = `SELECT waits FROM reports_waiting(ARRAY[$1::uuid])`;
    expect(await ask(hub, LISTED, [SEA])).toEqual([{ waits: true }]);
    for (const viewer of [own, officer, foreign]) expect(await ask(viewer, LISTED, [SEA])).toEqual([]);
  });

  test('readings are told to coordinators of the owner alone, without what else was read and by whom elsewhere', async () => {
    const READ = `SELECT * FROM readings_of($1, $2) ORDER BY countries`;
    expect(await ask(own, READ, [record, SEA])).toEqual([
      { at: expect.any(Date) as Date, hub: false, observer: false, countries: ['KE'], own_reader_ids: [AUTHOR] },
      { at: expect.any(Date) as Date, hub: false, observer: false, countries: ['TZ'], own_reader_ids: [] },
    ]);
    const KEPT = `SELECT * FROM coordinated_record($1)`;
    expect(await ask(own, KEPT, [record])).toEqual([{ operation_id: SEA, country: 'KE' }]);
    for (const viewer of [officer, foreign, hub]) {
      expect(await ask(viewer, READ, [record, SEA])).toEqual([]);
      expect(await ask(viewer, KEPT, [record])).toEqual([]);
    }
  });
});
