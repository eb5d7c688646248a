import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { v7 } from 'uuid';

import { codeOf } from '../setup/scene.js';
import { graphql, type Muster, ROOT, startMuster, type TestDatabase, testDatabase, until } from '../setup/index.js';

interface DemoFile {
  readonly id: string;
  readonly firstStart: string;
  readonly loadedAt: string | null;
  readonly accounts: readonly {
    readonly email: string;
    readonly password: string;
    readonly totpSecret?: string;
    readonly roles: readonly string[];
    readonly country: string | null;
  }[];
}

const DAY = 24 * 60 * 60_000;
const COORDINATORS = ['AE', 'BR', 'KE', 'NL', 'OM', 'TZ', 'ZA'];
const LOADING = 120_000;

let folder: string;
let database: TestDatabase;
let muster: Muster;
let demoFile: string;
const tokens = new Map<string, Promise<string>>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-demo-'));
  demoFile = join(folder, 'demo.json');
  database = await testDatabase();
  expect(await load(database, demoFile)).toMatchObject({ code: 0 });
  muster = await startMuster({ databaseUrl: database.url, worker: false });
}, LOADING);

afterAll(async () => {
  await muster?.stop();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

describe('the demo accounts', () => {
  it('are a hub officer, an analyst, seven coordinators, officers, an observer and an administrator', async () => {
    const { accounts } = await readDemo(demoFile);
    const of = (role: string): (string | null)[] =>
      accounts.filter(({ roles }) => roles.join() === role).map(({ country }) => country);
    expect(of('HUB')).toEqual([null]);
    expect(of('ANALYST')).toEqual([null]);
    expect(of('NATIONAL_COORDINATOR').sort()).toEqual(COORDINATORS);
    expect(of('AGENCY_OFFICER')).toEqual(['KE']);
    expect(of('PORT_UNIT_OFFICER')).toEqual(['KE', 'KE', 'KE']);
    expect(of('OBSERVER')).toEqual([null]);
    expect(of('ADMINISTRATOR')).toEqual([null]);
  });

  it('have passwords of their own, in a file for its owner alone', async () => {
    const { accounts } = await readDemo(demoFile);
    expect(new Set(accounts.map(({ password }) => password)).size).toBe(accounts.length);
    expect(Math.min(...accounts.map(({ password }) => password.length))).toBeGreaterThanOrEqual(24);
    expect((await stat(demoFile)).mode & 0o777).toBe(0o600);
  });

  it('have a second factor where their role asks for one, and nowhere else', async () => {
    const { accounts } = await readDemo(demoFile);
    const secrets = accounts.flatMap(({ totpSecret }) => totpSecret ?? []);
    expect(accounts.filter(({ totpSecret }) => totpSecret !== undefined).map(({ roles }) => roles.join())).toEqual([
      'ADMINISTRATOR',
      'HUB',
      'ANALYST',
    ]);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(new Set(secrets).size).toBe(3);
    const hub = accounts.find(({ roles }) => roles.includes('HUB'));
    const withoutCode = await graphql(
      muster.graphqlUrl,
      `
        mutation ($email: String!, $password: String!) {
          signIn(email: $email, password: $password) {
            accessToken
          }
        }
      `,
      { email: hub?.email, password: hub?.password },
    );
    expect(withoutCode.errors[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'OTP_REQUIRED' });
  });

  it('sign in and hold the roles that the file tells', async () => {
    for (const { email, roles, country } of (await readDemo(demoFile)).accounts) {
      const { grants } = (await me(email)).me;
      expect([email, [...new Set(grants.map(({ role }) => role))]]).toEqual([email, roles]);
      expect(grants.every((grant) => grant.country === country)).toBe(true);
    }
  });

  it('coordinate 30 Days at Sea for their country, and are its standing contact points', async () => {
    const { sea } = await operations();
    for (const country of COORDINATORS) {
      const { grants } = (await me(emailOf(country))).me;
      expect(grants).toContainEqual({ role: 'NATIONAL_COORDINATOR', country, operationId: null, unitId: null });
      expect(grants).toContainEqual({ role: 'NATIONAL_COORDINATOR', country, operationId: sea.id, unitId: null });
      const participation = sea.participations.find((one) => one.country === country);
      expect(participation).toMatchObject({ status: 'ACCEPTED' });
      expect(participation?.coordinators).toHaveLength(1);
    }
  });

  it('report from Mombasa in both operations, from three agencies, posted since before both windows', async () => {
    const { sea, container } = await operations();
    const { portUnits } = await ask<{ portUnits: Unit[] }>(
      emailOf('KE'),
      `{ portUnits(country: "KE") { id unlocode agencies { kind } postings { officer { id } homeAgency { kind } from until } } }`,
    );
    const [unit] = portUnits;
    expect(portUnits).toHaveLength(1);
    expect(unit?.unlocode).toBe('KEMBA');
    expect(unit?.agencies.map(({ kind }) => kind).sort()).toEqual(['CUSTOMS', 'FORESTRY', 'POLICE', 'WILDLIFE']);
    expect(unit?.postings.map(({ homeAgency }) => homeAgency.kind).sort()).toEqual(['CUSTOMS', 'POLICE', 'WILDLIFE']);
    for (const { from, until: last } of unit?.postings ?? []) {
      expect(from < sea.operationalStartsOn && from < container.operationalStartsOn && last === null).toBe(true);
    }
    for (const name of ['customs', 'police', 'wildlife']) {
      const { grants, user } = (await me(`mombasa.${name}@demo.muster.example`)).me;
      expect(grants.map(({ operationId }) => operationId).sort()).toEqual([sea.id, container.id].sort());
      expect(grants.every(({ unitId }) => unitId === unit?.id)).toBe(true);
      expect(unit?.postings.map(({ officer }) => officer.id)).toContain(user.id);
    }
  });

  it('let an agency officer and an observer into 30 Days at Sea', async () => {
    const { sea } = await operations();
    for (const email of ['officer.ke@demo.muster.example', 'observer@demo.muster.example']) {
      expect((await me(email)).me.grants.map(({ operationId }) => operationId)).toEqual([sea.id]);
      const { violations } = await ask<{ violations: { totalCount: number } }>(email, RECORDS, { id: sea.id });
      expect(violations.totalCount).toBeGreaterThan(50);
    }
  });
});

describe('30 Days of Action', () => {
  const PUBLISHED = {
    countriesInvited: 43,
    countriesAccepted: 43,
    customsLedCountries: 8,
    violations: 664,
    criminal: 226,
    administrative: 413,
    undetermined: 25,
    seizures: 0,
    valueUsd: '33000000',
    quantityKg: '1512300000',
    persons: 483,
    companies: 264,
    valueEstimated: true,
    protected: false,
  };

  it.each(['hub@demo.muster.example', 'analyst@demo.muster.example', emailOf('NL'), emailOf('KE')])(
    'shows %s the published totals exactly',
    async (email) => {
      const { action } = await operations();
      const { operation } = await ask<{ operation: { summary: Record<string, unknown> } }>(
        email,
        `query ($id: UUID!) { operation(id: $id) { summary { ${Object.keys(PUBLISHED).join(' ')} } } }`,
        { id: action.id },
      );
      const { valueUsd, quantityKg, ...counts } = operation.summary;
      expect({ ...counts, valueUsd: Number(valueUsd), quantityKg: Number(quantityKg) }).toEqual({
        ...PUBLISHED,
        valueUsd: 33_000_000,
        quantityKg: 1_512_300_000,
      });
      expect(String(valueUsd)).toMatch(/^33000000(\.0+)?$/);
    },
  );

  it.each([
    ['VIOLATIONS', ['NATURE'], { CRIMINAL: '226', ADMINISTRATIVE: '413', UNDETERMINED: '25' }],
    ['VALUE_USD', [], { '': '33000000' }],
    ['PERSONS', [], { '': '483' }],
    ['COMPANIES', [], { '': '264' }],
  ])('has trends of %s by %p that add up to the same', async (measure, groupBy, expected) => {
    expect(await cells(measure, groupBy)).toEqual(expected);
  });

  it('counts 141 criminal shipments of 14,000 t and 85 criminal sites of over a million t', async () => {
    expect(await cells('VIOLATIONS', ['SCENE'], { natures: ['CRIMINAL'] })).toEqual({ CONSIGNMENT: '141', SITE: '85' });
    expect(await cells('QUANTITY_KG', ['SCENE'], { natures: ['CRIMINAL'] })).toEqual({
      CONSIGNMENT: '14000000',
      SITE: '1048700000',
    });
  });

  it('moved mostly by sea, from the Middle East and to, from and within Latin America and the Caribbean', async () => {
    const { MARITIME = '0', ...others } = await cells('VIOLATIONS', ['TRANSPORT_MODE'], { scenes: ['CONSIGNMENT'] });
    const sum = Object.values(others).reduce((total, value) => total + Number(value), 0);
    expect(Number(MARITIME)).toBeGreaterThan(sum);
    const flows = await cells('VIOLATIONS', ['ORIGIN_REGION', 'DESTINATION_REGION'], { scenes: ['CONSIGNMENT'] });
    const some = (holds: (from: string, to: string) => boolean): boolean =>
      Object.keys(flows).some((key) => holds(...(key.split('/') as [string, string])));
    const latin = 'Latin America and the Caribbean';
    expect(some((from, to) => from === 'Western Asia' && to !== from)).toBe(true);
    expect(some((from, to) => from === latin && to !== latin)).toBe(true);
    expect(some((from, to) => from !== latin && to === latin)).toBe(true);
    expect(some((from, to) => from === latin && to === latin)).toBe(true);
  });

  it('is closed, certified by all 43 countries, with its findings published', async () => {
    const { action } = await operations();
    expect(action).toMatchObject({ phase: 'CLOSED', readiness: [], operationalStartsOn: '2017-06-01' });
    expect(action.participations.filter(({ certifiedAt }) => certifiedAt?.startsWith('2017-07-28'))).toHaveLength(43);
    expect(action.findings.map(({ title }) => title).sort()).toEqual([
      'Results of 30 Days of Action, June 2017',
      'What was found, and which ways it took',
    ]);
    expect(action.findings.every(({ publishedAt }) => publishedAt.startsWith('2017-08-08'))).toBe(true);
  });
});

describe('the other operations', () => {
  it('are 30 Days at Sea in its operational phase, with 58 countries and a few hundred records', async () => {
    const { sea } = await operations();
    const firstStart = Date.parse((await readDemo(demoFile)).firstStart);
    const dayOf = (days: number): string => new Date(firstStart + days * DAY).toISOString().slice(0, 10);
    expect(sea).toMatchObject({
      phase: 'OPERATIONAL',
      operationalStartsOn: dayOf(-10),
      operationalEndsOn: dayOf(19),
      reportingDeadline: dayOf(64),
    });
    expect(sea.participations.map(({ status }) => status)).toEqual(Array.from({ length: 58 }, () => 'ACCEPTED'));
    expect(sea.summary.violations).toBeGreaterThan(250);
    expect(await statuses(sea.id)).toEqual({ ACCEPTED: 9, NEEDS_REVIEW: 3 });
  });

  it('are Container control, which stands, with reports of the unit of Mombasa', async () => {
    const { container } = await operations();
    expect(container).toMatchObject({ kind: 'STANDING', phase: 'OPERATIONAL', operationalEndsOn: null });
    expect(await statuses(container.id)).toEqual({ ACCEPTED: 30 });
  });

  it('are Demeter in preparation, whose invitation a coordinator may answer', async () => {
    const { demeter } = await operations();
    expect(demeter.phase).toBe('PREPARATION');
    expect(new Set(demeter.participations.map(({ status }) => status))).toEqual(new Set(['INVITED']));
    expect(demeter.readiness).toContain('at least two countries have accepted (so far 0)');
    const seen = await ask<{ operation: Operation }>(
      emailOf('BR'),
      `query ($id: UUID!) { operation(id: $id) { phase } }`,
      {
        id: demeter.id,
      },
    );
    expect(seen.operation.phase).toBe('PREPARATION');
  });

  it('hold no record that is late, withdrawn, an exercise or RED, and nothing that the queue gave up on', async () => {
    const all = Object.values(await operations());
    for (const { id } of all) {
      for (const filter of [{ late: true }, { withdrawn: true }, { exercise: true }]) {
        const { violations } = await ask<{ violations: { totalCount: number } }>(HUB, RECORDS, { id, filter });
        expect(violations.totalCount).toBe(0);
      }
      const { failedReports } = await ask<{ failedReports: unknown[] }>(
        HUB,
        `query ($id: UUID!) { failedReports(operationId: $id) { seizureId } }`,
        { id },
      );
      expect(failedReports).toEqual([]);
    }
    expect(await cells('VIOLATIONS', ['DAY'], {}, all)).not.toHaveProperty('WITHHELD');
  });

  it('agree with a recount of their records, which finds a record that was tampered with', async () => {
    const recount = (): Promise<Ended> => command(['recount'], { DATABASE_URL: database.url });
    const tamper = (by: number): Promise<unknown> =>
      database.pool.query(
        'UPDATE violations SET persons = persons + $1 WHERE id = (SELECT id FROM violations ORDER BY id LIMIT 1)',
        [by],
      );
    expect(await recount()).toEqual({ code: 0, output: 'The figures agree with the records.\n' });
    await tamper(1);
    const { code, output } = await recount();
    await tamper(-1);
    expect(code).toBe(1);
    expect(output).toMatch(/, record [-0-9a-f]{36}, persons: \d+ in the figures, \d+ by the records\n/);
  });
});

describe('a later load', () => {
  it('changes nothing', async () => {
    const before = [await contentOf(database.pool), await readFile(demoFile, 'utf8')];
    expect(await load(database, demoFile)).toEqual({ code: 0, output: '' });
    expect([await contentOf(database.pool), await readFile(demoFile, 'utf8')]).toEqual(before);
  });

  it(
    'completes one that was killed in the middle, to the same content, and moves the end of 30 Days at Sea on',
    async () => {
      const other = await testDatabase('demo_killed');
      const file = join(folder, 'killed.json');
      const firstStart = new Date(Date.now() - 12 * DAY).toISOString();
      const { accounts } = await readDemo(demoFile);
      await writeFile(file, JSON.stringify({ id: v7(), firstStart, loadedAt: null, accounts }));
      const count = async (sql: string): Promise<number> =>
        Number((await other.pool.query<{ count: string }>(sql)).rows[0]?.count);
      await killWhen(other, file, async () => (await count('SELECT count(*) FROM users')) > 20);
      await killWhen(other, file, async () => (await count('SELECT count(*) FROM violations')) > 100);
      await killWhen(other, file, async () => (await count('SELECT count(*) FROM seizures')) > 33);
      expect((await readDemo(file)).loadedAt).toBeNull();

      expect(await load(other, file)).toMatchObject({ code: 0 });
      const { loadedAt, ...kept } = await readDemo(file);
      expect(loadedAt).not.toBeNull();
      expect(kept.firstStart).toBe(firstStart);
      const [moved, ...rest] = differences(await contentOf(database.pool), await contentOf(other.pool));
      expect([moved, rest]).toEqual(['operation.updated', []]);

      const { rows } = await other.pool.query<Record<string, unknown>>(
        `SELECT u.email, o.code_name, o.phase, o.operational_starts_on::text AS starts, o.operational_ends_on::text AS ends,
           a.details ->> 'reason' AS reason
         FROM audit_entries a JOIN operations o ON o.id = a.operation_id JOIN users u ON u.id = a.actor_id
         WHERE a.action = 'operation.updated'`,
      );
      const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
      expect(rows).toEqual([
        {
          email: HUB,
          code_name: '30 Days at Sea (demo)',
          phase: 'OPERATIONAL',
          starts: day(Date.parse(firstStart) - 10 * DAY),
          ends: day(Date.now() + 19 * DAY),
          reason: 'The demo was started on a later day.',
        },
      ]);
      await other.drop();
    },
    2 * LOADING,
  );

  it('brings 30 Days at Sea back into its operational phase when somebody has moved it', async () => {
    const { sea } = await operations();
    const move = `mutation ($id: UUID!, $version: Int!) {
      moveOperation(id: $id, to: POST_OPERATIONAL, expectedVersion: $version, reason: "tried out") { phase } }`;
    await ask(HUB, move, { id: sea.id, version: sea.version });
    expect(await load(database, demoFile)).toMatchObject({ code: 0 });
    expect((await operations()).sea.phase).toBe('OPERATIONAL');
  });

  it('starts all the same when the hub officer has lost the role', async () => {
    await database.pool.query(
      `UPDATE grants SET ended_at = now() WHERE role = 'HUB' AND user_id = (SELECT id FROM users WHERE email = $1)`,
      [HUB],
    );
    await database.pool.query(
      `UPDATE operations SET operational_ends_on = operational_ends_on - 3 WHERE code_name ~ 'Sea'`,
    );
    expect(await load(database, demoFile)).toEqual({
      code: 0,
      output: '30 Days at Sea (demo) stays as it is: Not found.\n',
    });
    await database.pool.query(
      `UPDATE grants SET ended_at = NULL WHERE role = 'HUB' AND user_id = (SELECT id FROM users WHERE email = $1)`,
      [HUB],
    );
  });

  it('gives the accounts new passwords when the file was lost, and ends their sessions', async () => {
    const before = await readDemo(demoFile);
    const token = await tokenOf(HUB);
    await rm(demoFile);
    expect(await load(database, demoFile)).toMatchObject({ code: 0 });
    const after = await readDemo(demoFile);
    expect([after.firstStart, after.accounts.map(({ email }) => email)]).toEqual([
      before.firstStart,
      before.accounts.map(({ email }) => email),
    ]);
    const { errors } = await graphql(muster.graphqlUrl, '{ me { user { id } } }', {}, token);
    expect(errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    const [hubBefore, hubAfter] = [before, after].map(({ accounts }) => accounts.find(({ email }) => email === HUB));
    await expect(signIn(hubBefore)).rejects.toThrow('UNAUTHENTICATED');
    await expect(signIn(hubAfter && { ...hubAfter, totpSecret: hubBefore?.totpSecret ?? '' })).rejects.toThrow(
      'UNAUTHENTICATED',
    );
    for (const account of after.accounts) await signIn(account);
  });

  it('gives accounts that were loaded without a second factor one, and leaves their passwords as they are', async () => {
    const before = await readDemo(demoFile);
    const accounts = before.accounts.map(({ totpSecret: _, ...account }) => account);
    await writeFile(demoFile, JSON.stringify({ ...before, accounts }));
    await database.pool.query('DELETE FROM totp_factors');
    expect(await load(database, demoFile)).toMatchObject({ code: 0 });
    const after = await readDemo(demoFile);
    expect(after.accounts.map(({ password }) => password)).toEqual(before.accounts.map(({ password }) => password));
    expect(after.accounts.filter(({ totpSecret }) => totpSecret !== undefined)).toHaveLength(3);
    for (const account of after.accounts) await signIn(account);
  });

  it('takes a new database for a first start, with the passwords that the file holds', async () => {
    const other = await testDatabase('demo_anew');
    const before = await readDemo(demoFile);
    const file = join(folder, 'anew.json');
    await writeFile(file, JSON.stringify(before));
    await killWhen(other, file, async () => {
      const { rows } = await other.pool.query(`SELECT FROM audit_entries WHERE action = 'demo.begun'`);
      return rows.length > 0;
    });
    const after = await readDemo(file);
    expect(after).toMatchObject({ loadedAt: null, accounts: before.accounts });
    expect(Date.parse(after.firstStart)).toBeGreaterThan(Date.parse(before.firstStart));
    await other.drop();
  });
});

describe('the command', () => {
  it('loads no demo in production', async () => {
    expect(await load(database, demoFile, { NODE_ENV: 'production' })).toEqual({
      code: 1,
      output: 'With NODE_ENV=production there are no demo operations.\n',
    });
  });

  it('says which setting is missing', async () => {
    const { code, output } = await load(database, '');
    expect([code, output]).toEqual([
      1,
      'Wrong settings:\n  DEMO_FILE must name the file that keeps the demo accounts.\n',
    ]);
  });
});

interface Unit {
  readonly id: string;
  readonly unlocode: string;
  readonly agencies: readonly { readonly kind: string }[];
  readonly postings: readonly {
    readonly officer: { readonly id: string };
    readonly homeAgency: { readonly kind: string };
    readonly from: string;
    readonly until: string | null;
  }[];
}

interface Operation {
  readonly id: string;
  readonly version: number;
  readonly kind: string;
  readonly codeName: string;
  readonly phase: string;
  readonly operationalStartsOn: string;
  readonly operationalEndsOn: string | null;
  readonly reportingDeadline: string | null;
  readonly readiness: readonly string[];
  readonly summary: { readonly violations: number };
  readonly findings: readonly { readonly title: string; readonly publishedAt: string }[];
  readonly participations: readonly {
    readonly country: string;
    readonly status: string;
    readonly certifiedAt: string | null;
    readonly coordinators: readonly { readonly id: string }[];
  }[];
}

interface Me {
  readonly me: {
    readonly user: { readonly id: string };
    readonly grants: readonly {
      readonly role: string;
      readonly operationId: string | null;
      readonly country: string | null;
      readonly unitId: string | null;
    }[];
  };
}

const HUB = 'hub@demo.muster.example';

const RECORDS = `query ($id: UUID!, $filter: ViolationFilter) { violations(operationId: $id, filter: $filter) { totalCount } }`;

const OPERATIONS = `{ operations { id version kind codeName phase operationalStartsOn operationalEndsOn reportingDeadline readiness
  summary { violations } findings { title publishedAt }
  participations { country status certifiedAt coordinators { id } } } }`;

function emailOf(country: string): string {
  return `coordinator.${country.toLowerCase()}@demo.muster.example`;
}

/** The demo operations as the hub sees them. */
async function operations(): Promise<Record<'action' | 'sea' | 'container' | 'demeter', Operation>> {
  const { operations: all } = await ask<{ operations: Operation[] }>(HUB, OPERATIONS);
  expect(all).toHaveLength(4);
  const named = (codeName: string): Operation => {
    const found = all.find((operation) => operation.codeName === codeName);
    if (!found) throw new Error(`no operation ${codeName}`);
    return found;
  };
  return {
    action: named('30 Days of Action'),
    sea: named('30 Days at Sea (demo)'),
    container: named('Container control (demo)'),
    demeter: named('Demeter (demo)'),
  };
}

/** Trend values of 30 Days of Action, or of other operations, by their key. */
async function cells(
  measure: string,
  groupBy: readonly string[],
  filter: Readonly<Record<string, unknown>> = {},
  of?: readonly Operation[],
): Promise<Record<string, string>> {
  const operationIds = (of ?? [(await operations()).action]).map(({ id }) => id);
  const { violationTrends } = await ask<{ violationTrends: { cells: { key: string[]; value: string }[] } }>(
    HUB,
    `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { key value } } }`,
    { query: { operationIds, measure, groupBy, filter } },
  );
  const plain = (value: string): string => value.replace(/\.0+$/, '');
  return Object.fromEntries(violationTrends.cells.map(({ key, value }) => [key.join('/'), plain(value)]));
}

async function statuses(operationId: string): Promise<Record<string, number>> {
  const { seizures } = await ask<{ seizures: { edges: { node: { status: string } }[] } }>(
    emailOf('KE'),
    `query ($id: UUID!) { seizures(operationId: $id, first: 200) { edges { node { status } } } }`,
    { id: operationId },
  );
  const counts: Record<string, number> = {};
  for (const { node } of seizures.edges) counts[node.status] = (counts[node.status] ?? 0) + 1;
  return counts;
}

function me(email: string): Promise<Me> {
  return ask<Me>(email, '{ me { user { id } grants { role operationId country unitId } } }');
}

async function ask<Data>(
  email: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Data> {
  const { data, errors } = await graphql<Data>(muster.graphqlUrl, query, variables, await tokenOf(email));
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data;
}

function tokenOf(email: string): Promise<string> {
  let token = tokens.get(email);
  if (!token) {
    token = readDemo(demoFile).then(({ accounts }) => signIn(accounts.find((account) => account.email === email)));
    tokens.set(email, token);
  }
  return token;
}

async function signIn(account: DemoFile['accounts'][number] | undefined): Promise<string> {
  const { email, password, totpSecret } = account ?? { email: '', password: '' };
  // A code works once, and this signs in again before the next one.
  await database.pool.query('UPDATE totp_factors SET last_step = NULL');
  const { data, errors } = await graphql<{ signIn: { accessToken: string } }>(
    muster.graphqlUrl,
    `
      mutation ($email: String!, $password: String!, $otp: String) {
        signIn(email: $email, password: $password, otp: $otp) {
          accessToken
        }
      }
    `,
    { email, password, otp: totpSecret === undefined ? null : codeOf(totpSecret) },
  );
  if (errors[0]) throw new Error(errors[0].extensions?.code);
  return data.signIn.accessToken;
}

async function readDemo(path: string): Promise<DemoFile> {
  return JSON.parse(await readFile(path, 'utf8')) as DemoFile;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function load(of: TestDatabase, file: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return command(['load-demo'], { DATABASE_URL: of.url, DEMO_FILE: file, ...env });
}

async function command(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = start(args, env);
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output: Buffer.concat(printed).toString() };
}

function start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'dist', 'apps', 'console', 'main.js'), ...args], {
    env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'warn', REDIS_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Begins a load and kills it as soon as it has come so far. */
async function killWhen(of: TestDatabase, file: string, hasComeSoFar: () => Promise<boolean>): Promise<void> {
  const child = start(['load-demo'], { DATABASE_URL: of.url, DEMO_FILE: file });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (printed += String(chunk)));
  const ended = new Promise<string>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? `code ${code}: ${printed}`)),
  );
  await Promise.race([until(hasComeSoFar, { limit: 60_000 }), ended]);
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
}

type Content = Readonly<Record<string, number>>;

/** How many rows each table of the demo holds, and how often each thing was done and told; that passwords were set does not count. */
async function contentOf(pool: pg.Pool): Promise<Content> {
  const tables =
    'users agencies port_units postings grants operations participations violations violation_lines seizures figures findings outbox'.split(
      ' ',
    );
  const { rows } = await pool.query<{ name: string; count: number }>(
    `${tables.map((table) => `SELECT '${table}' AS name, count(*)::int AS count FROM ${table}`).join(' UNION ALL ')}
     UNION ALL SELECT action, count(*)::int FROM audit_entries
       WHERE action NOT LIKE '%password-set' AND action NOT LIKE '%passwords-set' AND action NOT LIKE 'session.%'
         AND action NOT LIKE 'second-factor.%' AND action <> 'readings.recorded' GROUP BY action
     UNION ALL SELECT 'told ' || kind, count(*)::int FROM feed_events WHERE kind <> 'operation.updated' GROUP BY kind`,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

function differences(one: Content, other: Content): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => one[name] !== other[name]);
}
