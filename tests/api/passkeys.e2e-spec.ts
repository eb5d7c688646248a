import { randomUUID } from 'node:crypto';

import { io } from 'socket.io-client';

import { graphql, type Muster, startMuster } from '../setup/index.js';
import { Authenticator, type Misbehaviour } from '../setup/authenticator.js';
import { codeOf, Scene } from '../setup/scene.js';
import type { Person, Refusal } from '../setup/scene.js';

const ORIGIN = 'https://muster.example';
const PASSWORD = 'a password for tests';
const REFUSED = { code: 'UNAUTHENTICATED', message: 'This passkey is not known here, or the answer is too old.' };
const BEGIN = 'mutation ($password: String, $otp: String) { beginPasskey(password: $password, otp: $otp) }';
const ADD = `mutation ($name: String!, $answer: JSON!) {
  addPasskey(name: $name, answer: $answer) { passkey { id name createdAt lastUsedAt backedUp } recoveryCodes } }`;
const LIST = '{ passkeys { id name lastUsedAt } }';
const REMOVE =
  'mutation ($id: UUID!, $password: String, $otp: String) { removePasskey(id: $id, password: $password, otp: $otp) }';
const ME = '{ me { user { id } secondFactor { required enrolled proved totp passkeys recoveryCodesLeft } } }';

interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
  readonly excludeCredentials: readonly { readonly id: string }[];
  readonly authenticatorSelection: Readonly<Record<string, unknown>>;
}

interface Enrolled {
  readonly passkey: { readonly id: string; readonly name: string };
  readonly recoveryCodes: readonly string[];
}

let muster: Muster;
let scene: Scene;

beforeAll(async () => {
  muster = await startMuster({ api: 2, worker: false, env: { PUBLIC_URL: ORIGIN, LOG_LEVEL: 'error' } });
  scene = await Scene.open(muster);
});

afterEach(async () => {
  await scene.sql('TRUNCATE sign_in_failures');
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const begin = (person: Person): Promise<CreationOptions> => person.do(BEGIN, { password: PASSWORD });

async function enrol(person: Person, name = 'My phone'): Promise<Enrolled & { readonly key: Authenticator }> {
  const key = new Authenticator(ORIGIN);
  return { key, ...(await person.do<Enrolled>(ADD, { name, answer: key.create(await begin(person)) })) };
}

/** @param api which of the two api processes is asked */
async function ask<Field>(
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  api = 0,
): Promise<Field | Refusal> {
  const { data, errors } = await graphql<Record<string, Field>>(`${muster.apis[api]?.url}/graphql`, query, variables);
  const [error] = errors;
  return error
    ? ({ message: error.message, ...error.extensions } as unknown as Refusal)
    : (Object.values(data)[0] as Field);
}

async function challenge(): Promise<{
  readonly challenge: string;
  readonly rpId: string;
  readonly userVerification: string;
}> {
  const options = await ask<{ challenge: string; rpId: string; userVerification: string }>(
    'mutation { beginPasskeySignIn }',
  );
  if ('code' in options) throw new Error(JSON.stringify(options));
  return options;
}

interface Begun {
  readonly accessToken: string;
  readonly user: { readonly id: string };
}

const send = (answer: unknown, api = 0): Promise<Begun | Refusal> =>
  ask<Begun>(
    'mutation ($answer: JSON!) { signInWithPasskey(answer: $answer) { accessToken user { id } } }',
    { answer },
    api,
  );

async function signIn(key: Authenticator, wrong: Misbehaviour = {}): Promise<Begun | Refusal> {
  return send(key.get(await challenge(), wrong));
}

describe('enrolling a passkey', () => {
  test('asks the browser for a key that is found without a name, for this site, and for a PIN or a finger', async () => {
    const person = await scene.person(null);
    const { passkey, key } = await enrol(person);
    const options = await begin(person);
    expect(options).toMatchObject({
      rp: { id: 'muster.example' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
      excludeCredentials: [{ id: key.credentialId.toString('base64url') }],
    });
    expect(await person.do(LIST)).toEqual([{ id: passkey.id, name: 'My phone', lastUsedAt: null }]);
  });

  test('gives ten recovery codes with the first second factor, and ends sessions that have proved none', async () => {
    const person = await scene.person(null);
    const { token } = await scene.signIn(person.email);
    const { recoveryCodes } = await enrol(person);
    expect(recoveryCodes).toHaveLength(10);
    expect(await scene.speaker(person.id, person.email, token).refused(ME)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await enrol(person, 'My key')).recoveryCodes).toEqual([]);
    expect(await person.do(ME)).toMatchObject({
      secondFactor: { required: false, enrolled: true, proved: true, totp: false, passkeys: 2, recoveryCodesLeft: 10 },
    });
  });

  test('is enough of a second factor for whoever needs one', async () => {
    const person = await scene.person(null);
    await scene.sql(`INSERT INTO grants (id, user_id, role, granted_at) VALUES ($1, $2, 'HUB', now())`, [
      randomUUID(),
      person.id,
    ]);
    expect(await person.refused('{ operations { id } }')).toMatchObject({ reason: 'SECOND_FACTOR_REQUIRED' });
    await enrol(person);
    expect(await person.do('{ operations { id } }')).toEqual([]);
  });

  test.each<[string, Misbehaviour]>([
    ['from another page', { origin: 'https://muster.example.evil.example' }],
    ['from the same host without encryption', { origin: 'http://muster.example' }],
    ['for another site', { rpId: 'evil.example' }],
    ['without a PIN or a finger', { userVerified: false }],
    ['to another challenge', { challenge: 'bm90IHRoZSBvbmUgdGhhdCB3YXMgZ2l2ZW4' }],
  ])('an answer %s is refused, and uses its challenge up', async (_, wrong) => {
    const person = await scene.person(null);
    const key = new Authenticator(ORIGIN);
    const options = await begin(person);
    const refusal = { code: 'BAD_USER_INPUT', fields: [{ path: 'answer', rule: 'wrong' }] };
    expect(await person.refused(ADD, { name: 'Wrong', answer: key.create(options, wrong) })).toMatchObject(refusal);
    if (wrong.challenge === undefined) {
      expect(await person.refused(ADD, { name: 'Right', answer: key.create(options) })).toMatchObject(refusal);
    }
    expect(await person.do(LIST)).toEqual([]);
  });

  test("an answer to another person's challenge, to one answered before, to one too old or of another kind is refused", async () => {
    const person = await scene.person(null);
    const other = await scene.person(null);
    const key = new Authenticator(ORIGIN);
    const foreign = await begin(other);
    expect(await person.refused(ADD, { name: 'A', answer: key.create(foreign) })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    const options = await begin(person);
    await person.do(ADD, { name: 'A', answer: key.create(options) });
    const second = new Authenticator(ORIGIN);
    expect(await person.refused(ADD, { name: 'B', answer: second.create(options) })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    const late = await begin(person);
    await scene.sql(`UPDATE sign_in_steps SET expires_at = now() - interval '1 second'`);
    expect(await person.refused(ADD, { name: 'B', answer: second.create(late) })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    const ofSignIn = { ...(await challenge()), user: { id: 'x' } };
    expect(await person.refused(ADD, { name: 'B', answer: second.create(ofSignIn) })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    for (const answer of [null, 7, 'text', {}, { response: { clientDataJSON: 'bm8' } }, [[]]]) {
      expect(await person.refused(ADD, { name: 'B', answer })).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });

  test('a key that is enrolled already is a conflict, for another person too', async () => {
    const person = await scene.person(null);
    const { key } = await enrol(person);
    const other = await scene.person(null);
    expect(await other.refused(ADD, { name: 'Copied', answer: key.create(await begin(other)) })).toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('asks who is signed in to prove it: by a code where an app is enrolled, else by the password', async () => {
    const person = await scene.person(null);
    expect(await person.refused(BEGIN)).toMatchObject({ fields: [{ path: 'password', rule: 'required' }] });
    expect(await person.refused(BEGIN, { password: 'a guess' })).toMatchObject({
      fields: [{ path: 'password', rule: 'wrong' }],
    });
    const hub = await scene.person(null, { role: 'HUB' });
    expect(await hub.refused(BEGIN, { password: PASSWORD })).toMatchObject({
      fields: [{ path: 'otp', rule: 'required' }],
    });
  });
});

describe('signing in with a passkey', () => {
  test('is a full sign-in: nothing else is asked for, and the second factor is proved', async () => {
    const person = await scene.person(null);
    const { key, passkey } = await enrol(person);
    const options = await challenge();
    expect(options).toMatchObject({ rpId: 'muster.example', userVerification: 'required' });
    const begun = await send(key.get(options), 1);
    if ('code' in begun) throw new Error(JSON.stringify(begun));
    expect(begun.user.id).toBe(person.id);
    const session = scene.speaker(person.id, person.email, begun.accessToken);
    expect(await session.do(ME)).toMatchObject({ user: { id: person.id }, secondFactor: { proved: true } });
    expect(await session.do('{ sessions { method current } }')).toContainEqual({ method: 'PASSKEY', current: true });
    const [listed] = await session.do<{ id: string; lastUsedAt: string | null }[]>(LIST);
    expect(listed?.id).toBe(passkey.id);
    expect(listed?.lastUsedAt).not.toBeNull();
  });

  test.each<[string, Misbehaviour]>([
    ['from another page', { origin: 'https://evil.example' }],
    ['signed for another site', { rpId: 'evil.example' }],
    ['without a PIN or a finger', { userVerified: false }],
    ['signed by another key', { signWith: new Authenticator(ORIGIN) }],
    ['to a challenge that was never given', { challenge: 'bmV2ZXIgZ2l2ZW4gYnkgYW55Ym9keSBoZXJl' }],
    ['whose counter went back', { counter: 1 }],
    ['whose counter stayed', { counter: 5 }],
  ])('an answer %s begins nothing', async (_, wrong) => {
    const person = await scene.person(null);
    const { key } = await enrol(person);
    key.counter = 4;
    expect(await signIn(key)).toHaveProperty('accessToken');
    expect(await signIn(key, wrong)).toEqual(REFUSED);
    key.counter = 10;
    expect(await signIn(key)).toHaveProperty('accessToken');
  });

  test('an answer works once, on every api process, however many come at one instant', async () => {
    const { key } = await enrol(await scene.person(null));
    const answer = key.get(await challenge());
    const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => send(answer, i % 2)));
    expect(answers.filter((each) => 'accessToken' in each)).toHaveLength(1);
    expect(await send(answer)).toEqual(REFUSED);
  });

  test('of several answers with one counter, each to a challenge of its own, exactly one begins a session', async () => {
    const { key } = await enrol(await scene.person(null));
    const challenges = await Promise.all(Array.from({ length: 9 }, challenge));
    const answers = challenges.map((options) => key.get(options, { counter: 9 }));
    const begun = await Promise.all(answers.map((answer, i) => send(answer, i % 2)));
    expect(begun.filter((each) => 'accessToken' in each)).toHaveLength(1);
  });

  test('keys that keep no counter sign in as often as they like, by an answer of its own each time', async () => {
    const person = await scene.person(null);
    const key = new Authenticator(ORIGIN);
    key.counter = 0;
    await person.do(ADD, { name: 'Cloud', answer: key.create(await begin(person)) });
    const answer = key.get(await challenge(), { counter: 0 });
    expect(await send(answer)).toHaveProperty('accessToken');
    expect(await send(answer, 1)).toEqual(REFUSED);
    expect(await signIn(key, { counter: 0 })).toHaveProperty('accessToken');
  });

  test('a challenge ends after five minutes, and one of an enrolment is none', async () => {
    const person = await scene.person(null);
    const { key } = await enrol(person);
    const options = await challenge();
    const [step] = await scene.sql<{ minutes: number }>(
      `SELECT (extract(epoch FROM max(expires_at) - now()) / 60)::float AS minutes FROM sign_in_steps WHERE kind = 'passkey-sign-in'`,
    );
    expect(step?.minutes).toBeCloseTo(5, 1);
    await scene.sql(`UPDATE sign_in_steps SET expires_at = now() - interval '1 second'`);
    expect(await send(key.get(options))).toEqual(REFUSED);
    expect(await send(key.get(await begin(person)))).toEqual(REFUSED);
  });

  test("a key that nobody has, one that was removed, and another person's name in the answer are refused in the same words", async () => {
    expect(await signIn(new Authenticator(ORIGIN))).toEqual(REFUSED);
    const person = await scene.person(null);
    const { key, passkey } = await enrol(person);
    const answer = key.get(await challenge()) as { response: Record<string, unknown> };
    const named = {
      ...answer,
      response: { ...answer.response, userHandle: Buffer.from(randomUUID()).toString('base64url') },
    };
    expect(await send(named)).toEqual(REFUSED);
    await person.do(REMOVE, { id: passkey.id });
    expect(await signIn(key)).toEqual(REFUSED);
    for (const nothing of [7, {}, { id: 'x' }]) expect(await send(nothing)).toEqual(REFUSED);
  });

  test('six hundred that an address begins are enough: nothing more is kept, on no api process', async () => {
    await challenge();
    await scene.sql(`UPDATE sign_in_failures SET points = 599 WHERE key = 'begun:127.0.0.1'`);
    await challenge();
    const kept = (): Promise<unknown[]> => scene.sql('SELECT hash FROM sign_in_steps ORDER BY hash');
    const before = await kept();
    for (const api of [0, 1]) {
      const refused = (await ask('mutation { beginPasskeySignIn }', {}, api)) as Refusal & {
        retryAfterSeconds: number;
      };
      expect(refused).toMatchObject({ code: 'RATE_LIMITED' });
      expect(refused.retryAfterSeconds).toBeGreaterThan(780);
      expect(refused.retryAfterSeconds).toBeLessThanOrEqual(900);
    }
    expect(await kept()).toEqual(before);
  });

  test('ten wrong answers of one key shut it out', async () => {
    const { key } = await enrol(await scene.person(null));
    for (let i = 0; i < 10; i++) expect(await signIn(key, { userVerified: false })).toEqual(REFUSED);
    expect(await signIn(key)).toMatchObject({ code: 'RATE_LIMITED' });
  });

  test('a key that no role asks for shortens no password, as the password alone still signs in', async () => {
    const person = await scene.person(null);
    await enrol(person);
    const change = `mutation ($p: String!) { changePassword(currentPassword: $p, newPassword: "kiosk 77") }`;
    expect(await person.refused(change, { p: PASSWORD })).toMatchObject({
      fields: [{ path: 'newPassword', rule: 'too-short' }],
    });
  });

  test('the password alone is not enough for whoever needs a second factor and has it in a passkey; a recovery code helps', async () => {
    const person = await scene.person(null);
    const { recoveryCodes } = await enrol(person);
    const byPassword = (otp?: string): Promise<unknown> =>
      ask(
        `mutation ($email: String!, $password: String!, $otp: String) {
           signIn(email: $email, password: $password, otp: $otp) { accessToken } }`,
        { email: person.email, password: PASSWORD, otp },
      );
    expect(await byPassword()).toHaveProperty('accessToken');
    await scene.grant(person.id, { role: 'HUB' });
    expect(await byPassword()).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'OTP_REQUIRED' });
    expect(await byPassword(codeOf('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'))).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await byPassword(recoveryCodes[0])).toHaveProperty('accessToken');
  });
});

test('the password alone enrols nothing beside a passkey that the session was begun without', async () => {
  const person = await scene.person(null);
  const { recoveryCodes } = await enrol(person);
  const { token } = await scene.signIn(person.email);
  const weak = scene.speaker(person.id, person.email, token);
  const beginTotp =
    'mutation ($password: String, $otp: String) { beginTotp(password: $password, otp: $otp) { secret } }';
  for (const query of [BEGIN, beginTotp]) {
    expect(await weak.refused(query, { password: PASSWORD })).toMatchObject({
      fields: [{ path: 'otp', rule: 'required' }],
    });
  }
  expect(await weak.do(beginTotp, { otp: recoveryCodes[0] })).toHaveProperty('secret');
});

describe('keeping passkeys', () => {
  test('they are named, by their person alone', async () => {
    const person = await scene.person(null);
    const { passkey } = await enrol(person);
    const RENAME = 'mutation ($id: UUID!, $name: String!) { renamePasskey(id: $id, name: $name) { name } }';
    expect(await person.do(RENAME, { id: passkey.id, name: ' The blue one ' })).toEqual({ name: 'The blue one' });
    expect(await person.refused(RENAME, { id: passkey.id, name: ' ' })).toMatchObject({ code: 'BAD_USER_INPUT' });
    const stranger = await scene.person(null);
    expect(await stranger.refused(RENAME, { id: passkey.id, name: 'Mine' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await stranger.do(LIST)).toEqual([]);
    expect(await stranger.refused(REMOVE, { id: passkey.id, password: PASSWORD })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('the last one of a person whose role asks for a second factor stays', async () => {
    const person = await scene.person(null);
    const first = await enrol(person);
    const second = await enrol(person, 'Spare');
    await scene.grant(person.id, { role: 'ANALYST' });
    expect(await person.do(REMOVE, { id: first.passkey.id, password: PASSWORD })).toBe(true);
    expect(await person.refused(REMOVE, { id: second.passkey.id, password: PASSWORD })).toMatchObject({
      code: 'FORBIDDEN',
      reason: 'SECOND_FACTOR_REQUIRED',
    });
  });

  test('with one that is removed end the sessions that began with it, their sockets too, and no others but for the one that asks', async () => {
    const person = await scene.person(null);
    const lost = await enrol(person, 'Lost phone');
    const kept = await enrol(person, 'Key');
    const sessionBy = async (key: Authenticator): Promise<Person> => {
      const begun = await signIn(key);
      if ('code' in begun) throw new Error(JSON.stringify(begun));
      return scene.speaker(person.id, person.email, begun.accessToken);
    };
    const [onPhone, again, byKey] = [await sessionBy(lost.key), await sessionBy(lost.key), await sessionBy(kept.key)];
    const socket = io(`${muster.apis[1]?.url}/live`, { auth: { token: onPhone.token }, transports: ['websocket'] });
    const closed = new Promise((resolve) => socket.once('disconnect', resolve));
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));

    expect(await again.do(REMOVE, { id: lost.passkey.id })).toBe(true);
    expect(await onPhone.refused(ME)).toMatchObject({ code: 'UNAUTHENTICATED' });
    await closed;
    socket.disconnect();
    for (const session of [person, again, byKey])
      expect(await session.do(ME)).toMatchObject({ secondFactor: { passkeys: 1 } });
    const ended = await scene.sql<{ details: unknown }>(
      `SELECT details FROM audit_entries WHERE actor_id = $1 AND action = 'session.ended'`,
      [person.id],
    );
    expect(ended).toEqual([{ details: { reason: 'passkey-removed' } }]);
  });

  test('no session ends with one that stays, because a role asks for it', async () => {
    const person = await scene.person(null);
    const { key, passkey } = await enrol(person);
    await scene.grant(person.id, { role: 'ANALYST' });
    const begun = await signIn(key);
    expect(begun).toHaveProperty('accessToken');
    expect(await person.refused(REMOVE, { id: passkey.id })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await person.do('{ sessions { method } }')).toContainEqual({ method: 'PASSKEY' });
  });

  test('each act is in the audit log', async () => {
    const person = await scene.person(null);
    const { key, passkey } = await enrol(person);
    await signIn(key);
    await person.do('mutation ($id: UUID!) { renamePasskey(id: $id, name: "Blue") { id } }', { id: passkey.id });
    await person.do(REMOVE, { id: passkey.id });
    const rows = await scene.sql<{ action: string }>(
      `SELECT action FROM audit_entries WHERE actor_id = $1 AND (action LIKE 'passkey.%' OR details @> '{"method": "PASSKEY"}')
       ORDER BY id`,
      [person.id],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'passkey.enrolled',
      'session.began',
      'passkey.renamed',
      'passkey.removed',
    ]);
  });
});
