import { randomUUID } from 'node:crypto';

import { io } from 'socket.io-client';

import { type GraphqlAnswer, graphql, type Muster, startMuster, until } from '../setup/index.js';
import { codeOf, Scene } from '../setup/scene.js';
import type { Person, Refusal } from '../setup/scene.js';

const PASSWORD = 'a password for tests';
const MUST_ENROL = { code: 'FORBIDDEN', reason: 'SECOND_FACTOR_REQUIRED' };
const WRONG_CODE = { code: 'UNAUTHENTICATED', message: 'The code is wrong, too old, or was used before.' };
const USED_CODE = {
  code: 'UNAUTHENTICATED',
  reason: 'OTP_USED',
  message: 'This code was used before. Wait for the next one.',
};
const ME = `{ me { user { id } grants { role } secondFactor { required enrolled proved totp passkeys recoveryCodesLeft } } }`;

interface SecondFactor {
  readonly required: boolean;
  readonly enrolled: boolean;
  readonly proved: boolean;
  readonly totp: boolean;
  readonly recoveryCodesLeft: number;
}

let muster: Muster;
let scene: Scene;
let administrator: Person;

beforeAll(async () => {
  muster = await startMuster({ api: 2, worker: false });
  scene = await Scene.open(muster);
  administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
});

afterEach(async () => {
  await scene.sql('TRUNCATE sign_in_failures');
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

/** An invited person with an account and no role, signed in by the invitation. */
async function newcomer(): Promise<Person> {
  const email = `${randomUUID()}@example.org`;
  const { token, user } = await administrator.do<{ token: string; user: { id: string } }>(
    `mutation ($input: InviteUserInput!) { inviteUser(input: $input) { token user { id } } }`,
    { input: { email, name: 'Invited' } },
  );
  const { data } = await graphql<{ acceptInvitation: { accessToken: string } }>(
    muster.graphqlUrl,
    `
      mutation ($token: String!, $password: String!) {
        acceptInvitation(token: $token, password: $password) {
          accessToken
        }
      }
    `,
    { token, password: PASSWORD },
  );
  return scene.speaker(user.id, email, data.acceptInvitation.accessToken);
}

const give = (userId: string, role: string): Promise<unknown> =>
  administrator.do(`mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id } }`, {
    input: { userId, role },
  });

interface Enrolled {
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

const begin = (
  person: Person,
  proof: Readonly<Record<string, unknown>> = { password: PASSWORD },
): Promise<{ secret: string; uri: string }> =>
  person.do(
    `mutation ($password: String, $otp: String) { beginTotp(password: $password, otp: $otp) { secret uri expiresAt } }`,
    proof,
  );
const confirm = (person: Person, code: string): Promise<string[]> =>
  person.do(`mutation ($code: String!) { confirmTotp(code: $code) }`, { code });

async function enrol(person: Person): Promise<Enrolled> {
  const { secret } = await begin(person);
  return { secret, recoveryCodes: await confirm(person, codeOf(secret)) };
}

/** @param api which of the two api processes is asked */
async function signIn(email: string, otp?: string, password = PASSWORD, api = 0): Promise<Person | Refusal> {
  const { data, errors } = await graphql<{ signIn: { accessToken: string; user: { id: string } } }>(
    `${muster.apis[api]?.url}/graphql`,
    `
      mutation ($email: String!, $password: String!, $otp: String) {
        signIn(email: $email, password: $password, otp: $otp) {
          accessToken
          user {
            id
          }
        }
      }
    `,
    { email, password, otp },
  );
  const [error] = errors;
  if (error) return { message: error.message, ...error.extensions } as unknown as Refusal;
  return scene.speaker(data.signIn.user.id, email, data.signIn.accessToken);
}

function signedIn(answer: Person | Refusal): Person {
  if ('code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

const factorOf = async (person: Person): Promise<SecondFactor> =>
  (await person.do<{ secondFactor: SecondFactor }>(ME)).secondFactor;

const allow = (email: string): Promise<unknown> =>
  scene.sql('UPDATE totp_factors SET last_step = NULL WHERE user_id = (SELECT id FROM users WHERE email = $1)', [
    email,
  ]);

describe('who needs a second factor and has none', () => {
  test.each(['HUB', 'ANALYST', 'ADMINISTRATOR'])(
    'as %s may look at me, enrol and sign out, and nothing else',
    async (role) => {
      const person = await newcomer();
      await give(person.id, role);
      const session = signedIn(await signIn(person.email));
      expect(await session.do(ME)).toEqual({
        user: { id: person.id },
        grants: [{ role }],
        secondFactor: {
          required: true,
          enrolled: false,
          proved: false,
          totp: false,
          passkeys: 0,
          recoveryCodesLeft: 0,
        },
      });
      for (const query of [
        '{ operations { id } }',
        '{ users(country: "KE") { id } }',
        '{ countries { code } }',
        '{ sessions { id } }',
        'mutation { createAgency(name: "Customs", kind: CUSTOMS, country: "KE") { id } }',
        'mutation { endOtherSessions }',
      ]) {
        expect([query, await session.refused(query)]).toEqual([query, expect.objectContaining(MUST_ENROL)]);
      }
      expect(await session.do('mutation { signOut }')).toBe(true);
    },
  );

  test('does everything once an authenticator app is enrolled, in the same session', async () => {
    const person = await newcomer();
    await give(person.id, 'HUB');
    const { secret, uri } = await begin(person);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(uri).toContain(`secret=${secret}`);
    expect(await person.refused('{ operations { id } }')).toMatchObject(MUST_ENROL);
    await confirm(person, codeOf(secret));
    expect(await factorOf(person)).toMatchObject({ required: true, enrolled: true, proved: true, totp: true });
    expect(await person.do('{ operations { id } }')).toEqual(expect.any(Array));
  });

  test('is held back from the moment that the role is given, in a session that is under way', async () => {
    const person = await newcomer();
    expect(await person.do('{ countries { code } }')).not.toHaveLength(0);
    await give(person.id, 'ANALYST');
    expect(await person.refused('{ countries { code } }')).toMatchObject(MUST_ENROL);
  });

  test('is held back by a refreshed session as by the one before', async () => {
    const person = await newcomer();
    await give(person.id, 'HUB');
    const { data } = await graphql<{ signIn: { refreshToken: string } }>(
      muster.graphqlUrl,
      `
        mutation ($email: String!, $password: String!) {
          signIn(email: $email, password: $password) {
            refreshToken
          }
        }
      `,
      { email: person.email, password: PASSWORD },
    );
    const refreshed = await graphql<{ refreshSession: { accessToken: string } }>(
      muster.graphqlUrl,
      `
        mutation ($token: String!) {
          refreshSession(refreshToken: $token) {
            accessToken
          }
        }
      `,
      { token: data.signIn.refreshToken },
    );
    const session = scene.speaker(person.id, person.email, refreshed.data.refreshSession.accessToken);
    expect(await session.refused('{ countries { code } }')).toMatchObject(MUST_ENROL);
  });

  test('follows nothing on a socket', async () => {
    const hub = await scene.person(null, { role: 'HUB' });
    const { id } = await scene.operation(hub);
    const person = await newcomer();
    await give(person.id, 'HUB');
    const socket = io(`${muster.url}/live`, { auth: { token: person.token }, transports: ['websocket'] });
    try {
      expect(await socket.timeout(5_000).emitWithAck('follow', { operationId: id })).toMatchObject({
        ok: false,
        code: 'FORBIDDEN',
      });
    } finally {
      socket.disconnect();
    }
  });

  test('may hold other roles without one', async () => {
    const coordinator = await scene.person(await scene.agency('KE'), { role: 'NATIONAL_COORDINATOR', country: 'KE' });
    expect(await factorOf(coordinator)).toMatchObject({ required: false, enrolled: false, proved: false });
    expect(await coordinator.do('{ users(country: "KE") { id } }')).not.toHaveLength(0);
  });
});

describe('enrolling', () => {
  test('asks for the password, and a wrong one is a failed sign-in', async () => {
    const person = await newcomer();
    const query = `mutation ($password: String) { beginTotp(password: $password) { secret } }`;
    expect(await person.refused(query)).toMatchObject({ fields: [{ path: 'password', rule: 'required' }] });
    for (let i = 0; i < 10; i++) {
      expect(await person.refused(query, { password: 'a guess' })).toMatchObject({
        fields: [{ path: 'password', rule: 'wrong' }],
      });
    }
    expect(await person.refused(query, { password: PASSWORD })).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await signIn(person.email)).toMatchObject({ code: 'RATE_LIMITED' });
  });

  test('counts for nothing before its first code', async () => {
    const person = await newcomer();
    expect(await person.refused('mutation { confirmTotp(code: "123456") }')).toMatchObject({ code: 'CONFLICT' });
    const { secret } = await begin(person);
    expect(await person.refused('mutation { confirmTotp(code: "12345") }')).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'code', rule: 'wrong' }],
    });
    expect(await factorOf(person)).toMatchObject({ enrolled: false, proved: false });
    signedIn(await signIn(person.email));
    await scene.sql('UPDATE totp_factors SET pending_until = now() WHERE user_id = $1', [person.id]);
    expect(
      await person.refused('mutation ($code: String!) { confirmTotp(code: $code) }', { code: codeOf(secret) }),
    ).toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('is for the session that began it alone: another of the same person confirms nothing, and counts no failure', async () => {
    const person = await newcomer();
    const elsewhere = signedIn(await signIn(person.email));
    const { secret } = await begin(person);
    const query = 'mutation ($code: String!) { confirmTotp(code: $code) }';
    for (const code of [codeOf(secret), '12345'])
      expect(await elsewhere.refused(query, { code })).toMatchObject({ code: 'CONFLICT' });
    expect(await scene.sql(`SELECT FROM sign_in_failures WHERE key LIKE 'account:%'`)).toEqual([]);
    expect(await factorOf(person)).toMatchObject({ enrolled: false });

    // What another session begins takes its place, and is that one's alone.
    const { secret: second } = await begin(elsewhere);
    for (const code of [codeOf(secret), codeOf(second)])
      expect(await person.refused(query, { code })).toMatchObject({ code: 'CONFLICT' });
    await confirm(elsewhere, codeOf(second));
    expect(await factorOf(elsewhere)).toMatchObject({ enrolled: true, proved: true });
  });

  test('counts wrong first codes as failed sign-ins, and takes none after ten', async () => {
    const person = await newcomer();
    const { secret } = await begin(person);
    const query = 'mutation ($code: String!) { confirmTotp(code: $code) }';
    for (let i = 0; i < 10; i++) {
      expect(await person.refused(query, { code: '12345' })).toMatchObject({
        fields: [{ path: 'code', rule: 'wrong' }],
      });
    }
    expect(await person.refused(query, { code: codeOf(secret) })).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await factorOf(person)).toMatchObject({ enrolled: false });
  });

  test('ends the other sessions that have proved no second factor', async () => {
    const person = await newcomer();
    const elsewhere = signedIn(await signIn(person.email));
    await enrol(person);
    expect(await elsewhere.refused(ME)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await factorOf(person)).toMatchObject({ proved: true });
  });

  test('another app takes the place of the first one by a code of that, and not before its own first code', async () => {
    const person = await newcomer();
    const { secret: first } = await enrol(person);
    expect(
      await person.refused('mutation ($password: String) { beginTotp(password: $password) { secret } }', {
        password: PASSWORD,
      }),
    ).toMatchObject({ fields: [{ path: 'otp', rule: 'required' }] });
    const { secret: second } = await begin(person, { otp: codeOf(first, 1) });
    await allow(person.email);
    expect(await signIn(person.email, codeOf(second))).toMatchObject(WRONG_CODE);
    signedIn(await signIn(person.email, codeOf(first)));
    await confirm(person, codeOf(second));
    expect(await signIn(person.email, codeOf(first, 1))).toMatchObject(WRONG_CODE);
    signedIn(await signIn(person.email, codeOf(second, 1)));
  });

  test('is kept without anything that signs in: the secret encrypted, for this person alone, and codes as hashes', async () => {
    const person = await newcomer();
    const other = await newcomer();
    const { secret, recoveryCodes } = await enrol(person);
    await enrol(other);
    const rows = await scene.sql<{ row: string }>(
      `SELECT totp_factors::text AS row FROM totp_factors UNION ALL SELECT recovery_codes::text FROM recovery_codes
       UNION ALL SELECT audit_entries::text FROM audit_entries`,
    );
    const kept = rows.map(({ row }) => row).join('\n');
    for (const told of [secret, ...recoveryCodes]) {
      expect(kept).not.toContain(told);
      expect(kept).not.toContain(Buffer.from(told).toString('hex'));
    }
    // A row that was moved to another person opens nothing.
    await scene.sql(
      'UPDATE totp_factors SET secret = (SELECT secret FROM totp_factors WHERE user_id = $1) WHERE user_id = $2',
      [person.id, other.id],
    );
    expect(await signIn(other.email, codeOf(secret, 1))).toMatchObject({ code: 'INTERNAL' });
  });
});

describe('signing in with a code', () => {
  let person: Person;
  let enrolled: Enrolled;

  beforeEach(async () => {
    person = await newcomer();
    enrolled = await enrol(person);
    await allow(person.email);
  });

  test('a right password alone says that a code is wanted, and is no failure', async () => {
    for (let i = 0; i < 12; i++) {
      expect(await signIn(person.email)).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'OTP_REQUIRED' });
    }
    expect(await signIn(person.email, '')).toMatchObject({ reason: 'OTP_REQUIRED' });
    signedIn(await signIn(person.email, codeOf(enrolled.secret)));
  });

  test('a wrong password says nothing of codes, and uses none up', async () => {
    const code = codeOf(enrolled.secret);
    for (const answer of [
      await signIn(person.email, undefined, 'a guess'),
      await signIn(person.email, code, 'a guess'),
    ]) {
      expect(answer).toEqual({ code: 'UNAUTHENTICATED', message: 'The address or the password is wrong.' });
    }
    signedIn(await signIn(person.email, code));
  });

  test('a code works once, on every api process', async () => {
    const code = codeOf(enrolled.secret);
    const session = signedIn(await signIn(person.email, code));
    expect(await factorOf(session)).toMatchObject({ proved: true });
    expect(await signIn(person.email, code, PASSWORD, 1)).toEqual(USED_CODE);
    // Who sends it again knows it: no failure, however often.
    for (let i = 0; i < 10; i++) expect(await signIn(person.email, code)).toEqual(USED_CODE);
    signedIn(await signIn(person.email, codeOf(enrolled.secret, 1)));
  });

  test('of many sign-ins with one code at one instant, on two api processes, exactly one begins a session', async () => {
    const code = codeOf(enrolled.secret);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => signIn(person.email, code, PASSWORD, i % 2)));
    expect(answers.filter((answer) => !('code' in answer))).toHaveLength(1);
  });

  test('the code before and the next one are taken, in this order alone', async () => {
    // Not so near the end of a step that the code before becomes the one before that on its way.
    await until(() => Promise.resolve(Date.now() % 30_000 < 25_000));
    signedIn(await signIn(person.email, codeOf(enrolled.secret, -1)));
    signedIn(await signIn(person.email, codeOf(enrolled.secret, 1)));
    expect(await signIn(person.email, codeOf(enrolled.secret))).toEqual(USED_CODE);
    await allow(person.email);
    expect(await signIn(person.email, codeOf(enrolled.secret, -3))).toEqual(WRONG_CODE);
    expect(await signIn(person.email, codeOf(enrolled.secret, 3))).toEqual(WRONG_CODE);
  });

  test('a code may be typed in two groups', async () => {
    const code = codeOf(enrolled.secret);
    signedIn(await signIn(person.email, `${code.slice(0, 3)} ${code.slice(3)} `));
  });

  test('ten wrong codes shut the account out, whatever comes then', async () => {
    for (let i = 0; i < 10; i++) expect(await signIn(person.email, 'ABCDEF')).toEqual(WRONG_CODE);
    expect(await signIn(person.email, codeOf(enrolled.secret))).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await signIn(person.email)).toMatchObject({ code: 'RATE_LIMITED' });
  });

  test("another person's code and recovery code open nothing", async () => {
    const other = await newcomer();
    const { secret, recoveryCodes } = await enrol(other);
    expect(await signIn(person.email, codeOf(secret))).toEqual(WRONG_CODE);
    expect(await signIn(person.email, recoveryCodes[0])).toEqual(WRONG_CODE);
  });

  test('a code is not looked at where none is enrolled', async () => {
    const { email } = await newcomer();
    expect(await factorOf(signedIn(await signIn(email, '000000')))).toMatchObject({ proved: false });
  });
});

describe('recovery codes', () => {
  test('are ten, each for one sign-in, however it is typed', async () => {
    const person = await newcomer();
    const { recoveryCodes } = await enrol(person);
    expect(recoveryCodes).toHaveLength(10);
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{6}-){3}[0-9A-HJKMNP-TV-Z]{6}$/);
    const [first = '', second = ''] = recoveryCodes;
    const session = signedIn(await signIn(person.email, first));
    expect(await factorOf(session)).toMatchObject({ proved: true, recoveryCodesLeft: 9 });
    expect(await signIn(person.email, first)).toEqual(WRONG_CODE);
    signedIn(await signIn(person.email, second.toLowerCase().replaceAll('-', ' ')));
  });

  test('of two sign-ins with one recovery code at one instant exactly one begins a session', async () => {
    const person = await newcomer();
    const { recoveryCodes } = await enrol(person);
    const answers = await Promise.all([0, 1].map((api) => signIn(person.email, recoveryCodes[0], PASSWORD, api)));
    expect(answers.filter((answer) => !('code' in answer))).toHaveLength(1);
  });

  test('are renewed with a fresh code, and those before end', async () => {
    const person = await newcomer();
    const { secret, recoveryCodes } = await enrol(person);
    const renew = 'mutation ($password: String, $otp: String) { renewRecoveryCodes(password: $password, otp: $otp) }';
    expect(await person.refused(renew, { password: PASSWORD })).toMatchObject({
      fields: [{ path: 'otp', rule: 'required' }],
    });
    expect(await person.refused(renew, { otp: '000000' })).toMatchObject({ fields: [{ path: 'otp', rule: 'wrong' }] });
    const renewed = await person.do<string[]>(renew, { otp: codeOf(secret, 1) });
    expect(renewed).toHaveLength(10);
    expect(await signIn(person.email, recoveryCodes[3])).toEqual(WRONG_CODE);
    signedIn(await signIn(person.email, renewed[3]));
  });

  test('are given to nobody who has no second factor', async () => {
    const person = await newcomer();
    expect(
      await person.refused('mutation ($p: String) { renewRecoveryCodes(password: $p) }', { p: PASSWORD }),
    ).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('removing', () => {
  const REMOVE = 'mutation ($otp: String!) { removeTotp(otp: $otp) }';

  test('asks for a code; from then on the password is enough, and recovery codes have ended', async () => {
    const person = await newcomer();
    const { secret, recoveryCodes } = await enrol(person);
    expect(await person.refused(REMOVE, { otp: '000000' })).toMatchObject({ fields: [{ path: 'otp', rule: 'wrong' }] });
    expect(await person.do(REMOVE, { otp: codeOf(secret, 1) })).toBe(true);
    const session = signedIn(await signIn(person.email));
    expect(await factorOf(session)).toMatchObject({ enrolled: false, proved: false, recoveryCodesLeft: 0 });
    expect(recoveryCodes).toHaveLength(10);
  });

  test('leaves nothing proved: a role that is given later asks anew', async () => {
    const person = await newcomer();
    const { secret } = await enrol(person);
    await person.do(REMOVE, { otp: codeOf(secret, 1) });
    await give(person.id, 'HUB');
    expect(await person.refused('{ countries { code } }')).toMatchObject(MUST_ENROL);
  });

  test('is refused for the last factor of a person whose role asks for one', async () => {
    const person = await newcomer();
    const { secret } = await enrol(person);
    await give(person.id, 'ANALYST');
    expect(await person.refused(REMOVE, { otp: codeOf(secret, 1) })).toMatchObject(MUST_ENROL);
    expect(await factorOf(person)).toMatchObject({ totp: true });
  });
});

describe('an administrator', () => {
  const RESET = 'mutation ($id: UUID!) { resetAccount(userId: $id) { token user { id } } }';

  test('gives a person who lost everything a new invitation, and what was enrolled ends', async () => {
    const person = await newcomer();
    await give(person.id, 'HUB');
    const { secret } = await enrol(person);
    const { token } = await administrator.do<{ token: string }>(RESET, { id: person.id });
    expect(await person.refused(ME)).toMatchObject({ code: 'UNAUTHENTICATED' });
    await allow(person.email);
    expect(await signIn(person.email, codeOf(secret))).toMatchObject({
      message: 'The address or the password is wrong.',
    });
    const { data } = await graphql<{ acceptInvitation: { accessToken: string } }>(
      muster.graphqlUrl,
      `
        mutation ($token: String!, $password: String!) {
          acceptInvitation(token: $token, password: $password) {
            accessToken
          }
        }
      `,
      { token, password: 'another password for tests' },
    );
    const again = scene.speaker(person.id, person.email, data.acceptInvitation.accessToken);
    expect(await again.do(ME)).toMatchObject({ grants: [{ role: 'HUB' }], secondFactor: { enrolled: false } });
    expect(await again.refused('{ countries { code } }')).toMatchObject(MUST_ENROL);
  });

  test('resets neither the own account nor one that is not there; nobody else resets any', async () => {
    expect(await administrator.refused(RESET, { id: administrator.id })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await administrator.refused(RESET, { id: randomUUID() })).toMatchObject({ code: 'NOT_FOUND' });
    const hub = await scene.person(null, { role: 'HUB' });
    expect(await hub.refused(RESET, { id: administrator.id })).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('does all this and reads no report', async () => {
    const hub = await scene.person(null, { role: 'HUB' });
    const { id } = await scene.operation(hub);
    const refusals: Promise<GraphqlAnswer<unknown>>[] = [
      administrator.ask('query ($id: UUID!) { violations(operationId: $id) { totalCount } }', { id }),
      administrator.ask('query ($id: UUID!) { seizures(operationId: $id) { totalCount } }', { id }),
    ];
    for (const { errors } of await Promise.all(refusals)) {
      expect(errors[0]?.extensions?.code).toMatch(/^(FORBIDDEN|NOT_FOUND)$/);
    }
  });
});

test('each act is in the audit log, by whom it was done', async () => {
  const person = await newcomer();
  const { secret, recoveryCodes } = await enrol(person);
  signedIn(await signIn(person.email, recoveryCodes[0]));
  await person.do('mutation ($otp: String) { renewRecoveryCodes(otp: $otp) }', { otp: codeOf(secret, 1) });
  await allow(person.email);
  await person.do('mutation ($otp: String!) { removeTotp(otp: $otp) }', { otp: codeOf(secret) });
  const rows = await scene.sql<{ action: string }>(
    `SELECT action FROM audit_entries WHERE actor_id = $1 AND subject_id = $1 AND action LIKE 'second-factor.%' ORDER BY id`,
    [person.id],
  );
  expect(rows.map(({ action }) => action)).toEqual([
    'second-factor.totp-begun',
    'second-factor.totp-enrolled',
    'second-factor.recovery-codes-renewed',
    'second-factor.recovery-code-used',
    'second-factor.recovery-codes-renewed',
    'second-factor.totp-removed',
  ]);
});
