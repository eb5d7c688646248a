import { io, type Socket } from 'socket.io-client';

import { type Muster, startMuster, until } from '../setup/index.js';
import { LOG, type Person, Scene, violationInput } from '../setup/scene.js';

interface FeedEvent {
  readonly cursor: string;
  readonly operationId: string;
  readonly kind: string;
  readonly occurredAt: string;
  readonly subjectId: string;
  readonly country: string | null;
  readonly payload: { readonly record?: Readonly<Record<string, unknown>> };
}

interface Said {
  readonly operationId: string;
  readonly cursor: string;
}

const FEED = `query ($id: UUID!, $after: String, $first: Int! = 500) {
  operationFeed(operationId: $id, after: $after, first: $first) {
    cursor hasMore events { cursor operationId kind occurredAt subjectId country payload } } }`;
const SHARE = `mutation ($id: UUID!, $version: Int!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: "As the test needs it.", sharing: $sharing) { version } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let kenya: Person;
let tanzania: Person;
let operationId: string;
let agencies: Record<'KE' | 'TZ', string>;
const sockets: Socket[] = [];

beforeAll(async () => {
  muster = await startMuster({ api: 2 });
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  agencies = { KE: await scene.agency('KE'), TZ: await scene.agency('TZ', 'POLICE') };
});

beforeEach(async () => {
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
  tanzania = await scene.join(hub, operationId, 'TZ', agencies.TZ);
  await scene.move(hub, operationId, 'OPERATIONAL');
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

/** A socket with all that it has heard. */
class Listener {
  readonly socket: Socket;
  readonly events: FeedEvent[] = [];
  readonly live: Said[] = [];
  readonly ended: { readonly operationId: string; readonly code: string }[] = [];
  refusal: unknown;

  constructor(token: unknown, api = 0) {
    const url = `${muster.apis[api]?.url ?? ''}/live`;
    this.socket = io(url, { auth: { token }, path: '/socket.io', forceNew: true, reconnection: false });
    this.socket.on('event', (event: FeedEvent) => this.events.push(event));
    this.socket.on('live', (said: Said) => this.live.push(said));
    this.socket.on('ended', (said: Listener['ended'][number]) => this.ended.push(said));
    this.socket.on('connect_error', (error: Error & { data?: unknown }) => (this.refusal = error.data));
    sockets.push(this.socket);
  }

  follow(message: unknown): Promise<unknown> {
    return this.socket.timeout(10_000).emitWithAck('follow', message);
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  get logged(): string[] {
    return this.events.flatMap(({ kind, subjectId }) => (kind === 'violation.logged' ? [subjectId] : []));
  }
}

async function following(person: Person, message: object = {}, api = 0): Promise<Listener> {
  const listener = new Listener(person.token, api);
  expect(await listener.follow({ operationId, ...message })).toEqual({ ok: true });
  await until(() => listener.live.length > 0);
  return listener;
}

async function log(person: Person, country: 'KE' | 'TZ', level: string, sharing: object = {}): Promise<string> {
  const input = violationInput(operationId, agencies[country], { sharing: { level, ...sharing } });
  return (await person.do<{ id: string }>(LOG, { input })).id;
}

test('the feed is told from the beginning, then as it happens, with no gap and no repeat while reports keep coming', async () => {
  const listeners: Listener[] = [];
  const writers = [1, 2, 3].map(async () => {
    for (let i = 0; i < 30; i++) await log(kenya, 'KE', i % 5 ? 'AMBER_STRICT' : 'RED');
  });
  for (let i = 0; i < 12; i++) listeners.push(await following([hub, kenya][i % 2] ?? hub, {}, i % 3 ? 0 : 1));
  await Promise.all(writers);
  for (const [person, own] of [
    [hub, listeners.filter((_, i) => i % 2 === 0)],
    [kenya, listeners.filter((_, i) => i % 2 === 1)],
  ] as const) {
    const { events } = await person.do<{ events: FeedEvent[] }>(FEED, { id: operationId });
    await until(() => own.every((listener) => listener.events.length >= events.length));
    for (const listener of own) expect(listener.events).toEqual(events);
  }
  expect(listeners[1]?.logged).toHaveLength(90);
  expect(listeners[0]?.logged).toHaveLength(72);
});

test('two countries are told different events, and each event has one cursor for all', async () => {
  const [ofHub, ofKenya, ofTanzania] = [await following(hub), await following(kenya), await following(tanzania)];
  const mine = await log(kenya, 'KE', 'AMBER_STRICT');
  const ours = await log(kenya, 'KE', 'GREEN');
  const theirs = await log(tanzania, 'TZ', 'AMBER_STRICT');
  const red = await log(tanzania, 'TZ', 'RED');
  await until(() => ofHub.logged.length === 3 && ofKenya.logged.length === 2 && ofTanzania.logged.length === 3);
  expect(ofHub.logged).toEqual([mine, ours, theirs]);
  expect(ofKenya.logged).toEqual([mine, ours]);
  expect(ofTanzania.logged).toEqual([ours, theirs, red]);
  const cursorIn = (listener: Listener, id: string): string | undefined =>
    listener.events.find(({ subjectId }) => subjectId === id)?.cursor;
  expect(cursorIn(ofKenya, ours)).toBe(cursorIn(ofHub, ours));
  expect(cursorIn(ofTanzania, ours)).toBe(cursorIn(ofHub, ours));
  expect(cursorIn(ofTanzania, theirs)).toBe(cursorIn(ofHub, theirs));
});

test('somebody named on a RED record is told of it, and a colleague of the same country is not', async () => {
  const [named, colleague] = [
    await scene.person(agencies.TZ, { role: 'AGENCY_OFFICER', operationId, country: 'TZ' }),
    await scene.person(agencies.TZ, { role: 'AGENCY_OFFICER', operationId, country: 'TZ' }),
  ];
  const [ofNamed, ofColleague] = [await following(named), await following(colleague)];
  const red = await log(kenya, 'KE', 'RED', { nameUserIds: [named.id] });
  const green = await log(kenya, 'KE', 'GREEN');
  await until(() => ofNamed.logged.length === 2 && ofColleague.logged.length === 1);
  expect(ofNamed.logged).toEqual([red, green]);
  expect(ofColleague.logged).toEqual([green]);
  expect(ofNamed.events.find(({ subjectId }) => subjectId === red)?.payload.record).toMatchObject({ id: red });
});

test('from now on, nothing of the past is told', async () => {
  const past = await log(kenya, 'KE', 'GREEN');
  const now = await following(hub, { fromNow: true });
  const { events } = await hub.do<{ events: FeedEvent[] }>(FEED, { id: operationId });
  expect(now.live).toEqual([{ operationId, cursor: events.at(-1)?.cursor }]);
  const next = await log(kenya, 'KE', 'GREEN');
  await until(() => now.events.length > 0);
  expect(now.logged).toEqual([next]);
  expect(now.logged).not.toContain(past);
});

test('a client goes on at another api process from its cursor', async () => {
  const first = await following(hub);
  const [one] = [await log(kenya, 'KE', 'GREEN')];
  await until(() => first.logged.length === 1);
  first.socket.disconnect();
  const two = await log(kenya, 'KE', 'GREEN');
  const second = await following(hub, { after: first.events.at(-1)?.cursor }, 1);
  const three = await log(kenya, 'KE', 'GREEN');
  await until(() => second.logged.length === 2);
  expect([...first.logged, ...second.logged]).toEqual([one, two, three]);
});

test('a country that a narrowed sharing leaves out is told that the record is gone, and of nothing that happens to it later', async () => {
  const [ofTanzania, ofKenya] = [await following(tanzania), await following(kenya)];
  const id = await log(kenya, 'KE', 'GREEN');
  await until(() => ofTanzania.logged.includes(id));
  await kenya.do(SHARE, { id, version: 1, sharing: { level: 'AMBER_STRICT' } });
  await kenya.do(
    `mutation ($id: UUID!) { withdrawViolation(id: $id, expectedVersion: 2, reason: "Counted twice.") { version } }`,
    { id },
  );
  const last = await log(kenya, 'KE', 'GREEN');
  await until(() => ofTanzania.logged.includes(last) && ofKenya.logged.includes(last));

  const of = (listener: Listener): FeedEvent[] => listener.events.filter(({ subjectId }) => subjectId === id);
  expect(of(ofTanzania).map(({ kind }) => kind)).toEqual(['violation.logged', 'violation.gone']);
  expect(of(ofTanzania)[1]).toMatchObject({ kind: 'violation.gone', subjectId: id, payload: {} });
  expect(of(ofKenya).map(({ kind }) => kind)).toEqual([
    'violation.logged',
    'violation.sharing-changed',
    'violation.withdrawn',
  ]);
  // Read again, not even the event that was told before the change is told.
  const again = await following(tanzania);
  expect(of(again).map(({ kind }) => kind)).toEqual(['violation.gone']);
});

test('signing out disconnects at once, at every api process', async () => {
  const listeners = [await following(kenya), await following(kenya, {}, 1)];
  await kenya.do(`mutation { signOut }`);
  await until(() => listeners.every(({ socket }) => socket.disconnected));
  for (const { ended } of listeners) expect(ended).toEqual([{ operationId, code: 'UNAUTHENTICATED' }]);
});

test('refreshing a session keeps its socket, and using a refresh token twice ends it', async () => {
  const { token, refreshToken } = await scene.signIn(kenya.email);
  const listener = await following({ ...kenya, token });
  const refresh = `mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken } }`;
  await kenya.do(refresh, { token: refreshToken });
  const id = await log(kenya, 'KE', 'GREEN');
  await until(() => listener.logged.includes(id));
  await kenya.refused(refresh, { token: refreshToken });
  await until(() => listener.socket.disconnected);
  expect(listener.ended).toEqual([{ operationId, code: 'UNAUTHENTICATED' }]);
});

test('following ends for one whose role was taken away, and for a country that withdrew', async () => {
  const officer = await scene.person(agencies.KE);
  const grant = await kenya.do<{ id: string }>(
    `mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id } }`,
    {
      input: { userId: officer.id, role: 'AGENCY_OFFICER', operationId, country: 'KE' },
    },
  );
  const [ofOfficer, ofKenya] = [await following(officer), await following(kenya)];
  await kenya.do(`mutation ($id: UUID!) { endGrant(id: $id) }`, { id: grant.id });
  await until(() => ofOfficer.ended.length > 0);
  await log(kenya, 'KE', 'CLEAR');
  await until(() => ofKenya.logged.length === 1);
  expect(ofOfficer).toMatchObject({ ended: [{ operationId, code: 'NOT_FOUND' }], logged: [] });
  expect(await ofOfficer.follow({ operationId })).toEqual({ ok: false, code: 'NOT_FOUND' });

  const { participations } = await hub.do<{ participations: { id: string; country: string }[] }>(
    `query ($id: UUID!) { operation(id: $id) { participations { id country } } }`,
    { id: operationId },
  );
  await hub.do(
    `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "Other duties.") { status } }`,
    {
      id: participations.find(({ country }) => country === 'KE')?.id,
    },
  );
  await until(() => ofKenya.ended.length > 0);
  expect(ofKenya.ended).toEqual([{ operationId, code: 'NOT_FOUND' }]);
  expect(ofKenya.kinds).not.toContain('participation.withdrawn');
});

test('no socket opens with a bad token, and no operation is followed that is not the asker’s to know', async () => {
  for (const token of [undefined, 'wrong', 7]) {
    const listener = new Listener(token);
    await until(() => listener.refusal);
    expect(listener.refusal).toMatchObject({ code: 'UNAUTHENTICATED' });
  }
  const stranger = new Listener((await scene.person(agencies.KE)).token);
  expect(await stranger.follow({ operationId })).toEqual({ ok: false, code: 'NOT_FOUND' });
  expect(await stranger.follow({ operationId: '0192d7a4-1f00-7000-8000-00000000abcd' })).toEqual({
    ok: false,
    code: 'NOT_FOUND',
  });
});

test('garbage is answered with BAD_USER_INPUT, and the feed goes on', async () => {
  const listener = await following(hub);
  for (const message of [
    null,
    'x',
    42,
    [],
    {},
    { operationId: 'x' },
    { operationId, after: 'x' },
    { operationId, after: {} },
  ]) {
    expect(await listener.follow(message)).toEqual({ ok: false, code: 'BAD_USER_INPUT' });
    listener.socket.emit('follow', message, Buffer.from('x'));
  }
  listener.socket.emit('unfollow');
  const id = await log(kenya, 'KE', 'GREEN');
  await until(() => listener.logged.includes(id));
});

test('the hub is told who follows over all api processes, and followers are told where their feed ends', async () => {
  const [ofKenya, ofTanzania] = [await following(kenya), await following(tanzania, {}, 1)];
  const heard: Said[] = [];
  for (const { socket } of [ofKenya, ofTanzania]) socket.on('heartbeat', (said: Said) => heard.push(said));
  const query = `query ($id: UUID!) { feedFollowers(operationId: $id) { userId name countries since eventsBehind secondsBehind } }`;
  const followers = await until(
    async () => {
      const found = await hub.do<{ userId: string; countries: string[]; eventsBehind: number }[]>(query, {
        id: operationId,
      });
      return found.length === 2 && heard.length >= 2 ? found : undefined;
    },
    { limit: 25_000 },
  );
  expect(new Map(followers.map(({ userId, countries }) => [userId, countries]))).toEqual(
    new Map([
      [kenya.id, ['KE']],
      [tanzania.id, ['TZ']],
    ]),
  );
  expect(followers.map(({ eventsBehind }) => eventsBehind)).toEqual([0, 0]);
  expect(await kenya.refused(query, { id: operationId })).toMatchObject({ code: 'FORBIDDEN' });
  const last = ofKenya.events.at(-1)?.cursor;
  expect(heard.every(({ cursor }) => cursor === last)).toBe(true);
  const metrics = await (await fetch(`${muster.url}/metrics`)).text();
  for (const name of ['muster_live_followers_behind', 'muster_live_follower_lag_seconds', 'muster_door_reports']) {
    expect(metrics).toMatch(new RegExp(`^${name} [0-9.]+$`, 'm'));
  }
});
