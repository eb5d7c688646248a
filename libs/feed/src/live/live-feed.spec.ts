import { randomUUID } from 'node:crypto';

import { jest } from '@jest/globals';
import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { ACCESS_CHANNEL, Accounts, IdentityApiModule, SignIn, type Standing } from '#identity';
import { Database, partOfMuster, PlatformModule, query, readConfig, type Tx } from '#platform';
import { io, type Socket } from 'socket.io-client';
import { DataSource } from 'typeorm';

import { EVENTS_SEEN_BY } from '../../../../migrations/rules/events.js';
import { toldCountries, violationColumns, visible } from '../../../../migrations/rules/visible.js';
import { type TestDatabase, testDatabase, until } from '../../../../tests/setup/index.js';
import { FeedApiModule } from '../feed-api.module.js';
import { type FeedReader, FeedReaders } from '../feed-reader.js';
import { FeedModule } from '../feed.module.js';
import { Feed } from '../feed.service.js';
import { Followers } from './followers.service.js';
import { Heartbeat } from './heartbeat.js';
import { LiveStats } from './live-stats.js';
import type { Answer, ServerMessages, SocketEvent } from './messages.js';

const PART = partOfMuster('a test');
const PASSWORD = 'Seven tonnes of scrap, 2017';
const CLIENT = { address: '127.0.0.1', userAgent: null };

/** Notes stand for records here: the feed knows nothing of what its events are about. */
@Injectable()
class NotesReader implements FeedReader, OnModuleInit {
  readonly kinds = ['note.made'];
  readonly ofRecords = true;

  constructor(private readonly readers: FeedReaders) {}

  onModuleInit(): void {
    this.readers.register(this);
  }

  async read(tx: Tx, viewer: Standing, _: string, ids: readonly string[]): Promise<Map<string, unknown>> {
    const rows = await query<{ id: string; text: string }>(tx, `SELECT id, text FROM notes WHERE id = ANY($1)`, [ids]);
    return new Map(rows.map(({ id, text }) => [id, { id, text, forHub: viewer.hub }]));
  }

  wording(viewer: Standing): string {
    return viewer.hub ? 'for the hub' : 'for others';
  }
}

@Module({ providers: [NotesReader] })
class NotesModule {}

interface Api {
  readonly app: NestFastifyApplication;
  readonly url: string;
}

interface Person {
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
}

let database: TestDatabase;
let api: Api;
let secondApi: Api;
/** Writes what happens, as the owner of the tables: these tests are about who is told. */
let writer: Api;
let sql: DataSource;
const sockets: Socket[] = [];

async function startApi(databaseUrl: string): Promise<Api> {
  const config = readConfig({ NODE_ENV: 'test', DATABASE_URL: databaseUrl, LOG_LEVEL: 'silent' });
  @Module({ imports: [PlatformModule.of(config), IdentityApiModule, FeedModule, FeedApiModule, NotesModule] })
  class TestApi {}
  const app = await NestFactory.create<NestFastifyApplication>(TestApi, new FastifyAdapter(), { logger: false });
  app.useWebSocketAdapter(new IoAdapter(app));
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}

beforeAll(async () => {
  database = await testDatabase();
  [api, secondApi] = [await startApi(database.roles.api), await startApi(database.roles.api)];
  writer = await startApi(database.url);
  sql = writer.app.get(DataSource);
  await sql.query(`CREATE TABLE notes (id uuid PRIMARY KEY, text text, sharing_level text, country text, author_id uuid,
    named_user_ids uuid[] DEFAULT '{}', concerned_countries text[] DEFAULT '{}', added_countries text[] DEFAULT '{}',
    left_out_countries text[] DEFAULT '{}')`);
  // Notes and their events are there for whom the one rule of who sees what lets see them.
  const role = new URL(database.roles.api).username;
  const told = toldCountries('n.concerned_countries', 'n.added_countries', 'n.left_out_countries');
  const isSeen = `n.sharing_level = 'CLEAR' OR (viewer_is_inside() AND ${visible({ ...violationColumns('n'), told })})`;
  await sql.query(`GRANT SELECT ON notes TO ${role}`);
  await sql.query(`ALTER TABLE notes ENABLE ROW LEVEL SECURITY`);
  await sql.query(
    `CREATE POLICY notes_api ON notes TO ${role} USING (${isSeen.replaceAll('n.', '')} OR id = ANY (told_records()))`,
  );
  await sql.query(`
    CREATE POLICY feed_events_notes ON feed_events FOR SELECT TO ${role}
    USING (operation_id = viewer_operation() AND kind = 'note.made' AND EXISTS (SELECT FROM notes n WHERE n.id = subject_id))`);
  // The same for a round of the live feed: notes in the place of the records, and their events in that of violations'.
  const rounds = [
    ['CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'],
    [
      'shared_records r WHERE r.operation_id = e.operation_id AND',
      `(SELECT n.*, n.sharing_level AS level, ${told} AS told_countries, TRUE AS is_violation FROM notes n) r WHERE`,
    ],
    ['NOT w.inside THEN FALSE', `NOT w.inside THEN e.kind = 'note.made' AND r.level = 'CLEAR'`],
    [`e.kind LIKE 'violation.%'`, `e.kind = 'note.made'`],
  ] as const;
  await sql.query(
    rounds.reduce((text, [of, by]) => {
      expect(text).toContain(of);
      return text.replace(of, by);
    }, EVENTS_SEEN_BY),
  );
  await sql.query(`
    CREATE OR REPLACE FUNCTION feed_persons(operation uuid, after bigint, up_to bigint) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER AS $$
      SELECT DISTINCT n.author_id FROM feed_events e JOIN notes n ON n.id = e.subject_id
      WHERE e.operation_id = operation AND e.position > after AND e.position <= up_to AND n.sharing_level = 'RED' $$`);
});

afterEach(() => {
  jest.restoreAllMocks();
  for (const socket of sockets.splice(0)) socket.disconnect();
});

afterAll(async () => {
  await api.app.close();
  await secondApi.app.close();
  await writer.app.close();
  await database.drop();
});

async function newOperation(...countries: readonly string[]): Promise<string> {
  const id = randomUUID();
  await sql.query(
    `INSERT INTO operations (id, version, kind, code_name, phase, crime_areas, time_zone, operational_starts_on, created_at)
     VALUES ($1, 1, 'STANDING', 'Test', 'OPERATIONAL', '{}', 'UTC', '2026-01-01', now())`,
    [id],
  );
  for (const country of countries) {
    await sql.query(
      `INSERT INTO participations (id, operation_id, country, status, invited_at) VALUES ($1, $2, $3, 'ACCEPTED', now())`,
      [randomUUID(), id, country],
    );
  }
  await writer.app.get(Database).write(PART, (tx) => writer.app.get(Feed).open(tx, id));
  return id;
}

async function newPerson(operationId: string | null, role: string, country: string | null): Promise<Person> {
  const email = `${randomUUID()}@example.org`;
  const user = await api.app.get(Accounts).create({ email, name: 'A person', password: PASSWORD });
  await sql.query(
    `INSERT INTO grants (id, user_id, role, operation_id, country, granted_at) VALUES ($1, $2, $3, $4, $5, now())`,
    [randomUUID(), user.id, role, operationId, country],
  );
  return signIn(email, user.id);
}

async function signIn(email: string, userId: string): Promise<Person> {
  const { accessToken } = await api.app.get(SignIn).byPassword(email, PASSWORD, null, CLIENT);
  // These tests are not about the second factor that some roles ask for.
  await sql.query('UPDATE sessions SET second_factor = true WHERE user_id = $1', [userId]);
  const sessionId = (await api.app.get(Accounts).actorOf(accessToken))?.sessionId;
  return { userId, sessionId: sessionId ?? '', token: accessToken };
}

interface Note {
  readonly text?: string;
  readonly level?: string;
  readonly country?: string;
  readonly authorId?: string;
}

/** Makes notes in one transaction, so that they are told in one round. */
async function notes(operationId: string, ...made: readonly Note[]): Promise<void> {
  const rows = made.map(({ text = '', level = 'AMBER_STRICT', country = 'KE', authorId = randomUUID() }) => ({
    id: randomUUID(),
    text,
    sharing_level: level,
    country,
    author_id: authorId,
  }));
  await writer.app.get(Database).write(PART, async (tx) => {
    for (const row of rows) {
      const { id, text, sharing_level, country, author_id } = row;
      await query(tx, `INSERT INTO notes (id, text, sharing_level, country, author_id) VALUES ($1, $2, $3, $4, $5)`, [
        id,
        text,
        sharing_level,
        country,
        author_id,
      ]);
    }
    const events = rows.map(({ id, country }) => ({ kind: 'note.made', subjectId: id, country }));
    await writer.app.get(Feed).tell(tx, operationId, ...events);
  });
}

const note = (operationId: string, made: Note = {}): Promise<void> => notes(operationId, made);

type Said = Parameters<ServerMessages['live']>[0];
type Ended = Parameters<ServerMessages['ended']>[0];

/** A socket with all that it has heard. */
class Listener {
  readonly events: SocketEvent[] = [];
  readonly live: Said[] = [];
  readonly behind: Said[] = [];
  readonly heartbeats: Said[] = [];
  readonly ended: Ended[] = [];
  refusal: unknown;

  constructor(readonly socket: Socket) {
    socket.on('event', (event: SocketEvent) => this.events.push(event));
    socket.on('live', (said: Said) => this.live.push(said));
    socket.on('behind', (said: Said) => this.behind.push(said));
    socket.on('heartbeat', (said: Said) => this.heartbeats.push(said));
    socket.on('ended', (said: Ended) => this.ended.push(said));
    socket.on('connect_error', (error: Error & { data?: unknown }) => (this.refusal = error.data ?? error));
    sockets.push(socket);
  }

  async follow(message: unknown): Promise<Answer> {
    return (await this.socket.timeout(20_000).emitWithAck('follow', message)) as Answer;
  }

  get subjects(): string[] {
    return this.events.map(({ subjectId }) => subjectId);
  }

  get texts(): string[] {
    return this.events.map(({ payload }) => (payload as { record: { text: string } }).record.text);
  }
}

function listen(token: unknown, to: Api = api): Listener {
  return new Listener(
    io(`${to.url}/live`, { auth: { token }, transports: ['websocket'], forceNew: true, reconnection: false }),
  );
}

async function following(person: Person, message: object, to?: Api): Promise<Listener> {
  const listener = listen(person.token, to);
  expect(await listener.follow(message)).toEqual({ ok: true });
  await until(() => listener.live.length > 0);
  return listener;
}

describe('the live feed', () => {
  it('tells the past and then what happens, each event once and in order, while events keep arriving', async () => {
    const operationId = await newOperation('KE');
    const hub = await newPerson(operationId, 'HUB', null);
    const kenya = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const listeners: Listener[] = [];
    let made = 0;
    const writers = Array.from({ length: 4 }, async () => {
      while (made < 600) await note(operationId, { text: String(++made), level: made % 3 ? 'AMBER_STRICT' : 'RED' });
    });
    for (let at = 20; at <= 580; at += 20) {
      await until(() => made >= at);
      listeners.push(listen(hub.token, at % 40 ? api : secondApi), listen(kenya.token));
      for (const listener of listeners.slice(-2)) void listener.follow({ operationId });
    }
    await Promise.all(writers);

    const log = await sql.query<{ subject_id: string; sharing_level: string }[]>(
      `SELECT e.subject_id, n.sharing_level FROM feed_events e JOIN notes n ON n.id = e.subject_id WHERE operation_id = $1 ORDER BY position`,
      [operationId],
    );
    const seen = log.filter((row) => row.sharing_level !== 'RED').map((row) => row.subject_id);
    await until(() =>
      listeners.every((listener) => listener.events.length >= seen.length && listener.live.length === 1),
    );
    for (const listener of listeners) expect(listener.subjects).toEqual(seen);
  });

  it('gives one event one cursor for all who may see it, words it for each, and says no more than the contract', async () => {
    const operationId = await newOperation('KE', 'TZ');
    const people = [
      await newPerson(operationId, 'AGENCY_OFFICER', 'KE'),
      await newPerson(operationId, 'AGENCY_OFFICER', 'TZ'),
      await newPerson(null, 'HUB', null),
    ];
    const [kenya, tanzania, hub] = (await Promise.all(people.map((person) => following(person, { operationId })))) as [
      Listener,
      Listener,
      Listener,
    ];
    await note(operationId, { text: 'for all', level: 'GREEN' });
    await note(operationId, { text: 'for Kenya' });
    await note(operationId, { text: 'for Tanzania', country: 'TZ' });
    await until(() => hub.events.length === 3 && kenya.events.length === 2 && tanzania.events.length === 2);

    expect(hub.texts).toEqual(['for all', 'for Kenya', 'for Tanzania']);
    expect(kenya.texts).toEqual(['for all', 'for Kenya']);
    expect(tanzania.texts).toEqual(['for all', 'for Tanzania']);
    expect([kenya.events[0]?.cursor, kenya.events[1]?.cursor, tanzania.events[1]?.cursor]).toEqual(
      hub.events.map(({ cursor }) => cursor),
    );
    expect(hub.events[0]?.payload).toMatchObject({ record: { forHub: true } });
    expect(kenya.events[0]?.payload).toMatchObject({ record: { forHub: false } });
    expect(Object.keys(hub.events[0] ?? {}).sort()).toEqual(
      ['country', 'cursor', 'kind', 'occurredAt', 'operationId', 'payload', 'subjectId'].sort(),
    );
  });

  it('reads once for all followers of a class, and apart for the author of a RED note, who alone is told', async () => {
    const operationId = await newOperation('KE');
    const author = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const others = await Promise.all([1, 2, 3].map(() => newPerson(operationId, 'AGENCY_OFFICER', 'KE')));
    const hers = await following(author, { operationId });
    const theirs = await Promise.all(
      others.flatMap((person) => [following(person, { operationId }), following(person, { operationId })]),
    );
    const read = jest.spyOn(api.app.get(NotesReader), 'read');

    await note(operationId, { text: 'for Kenya' });
    await until(() => [hers, ...theirs].every(({ events }) => events.length === 1));
    expect(read).toHaveBeenCalledTimes(1);

    await note(operationId, { text: 'red', level: 'RED', authorId: author.userId });
    await until(() => hers.events.length === 2);
    await note(operationId, { text: 'after' });
    await until(() => [hers, ...theirs].every(({ texts }) => texts.at(-1) === 'after'));
    expect(hers.texts).toEqual(['for Kenya', 'red', 'after']);
    for (const { texts } of theirs) expect(texts).toEqual(['for Kenya', 'after']);
  });

  it('reads a note once for all classes that are told the same of it, and leaves none of them without what it may see', async () => {
    const operationId = await newOperation('KE', 'TZ', 'ZA');
    const listeners: Listener[] = [];
    for (const country of ['KE', 'TZ', 'ZA']) {
      listeners.push(await following(await newPerson(operationId, 'AGENCY_OFFICER', country), { operationId }));
    }
    const hub = await following(await newPerson(operationId, 'HUB', null), { operationId });
    const read = jest.spyOn(api.app.get(NotesReader), 'read');
    await notes(
      operationId,
      { text: 'for Tanzania', country: 'TZ' },
      { text: 'for all', level: 'GREEN' },
      { text: 'for Kenya', country: 'KE' },
    );
    await until(() => hub.events.length === 3 && listeners.every(({ texts }) => texts.includes('for all')));
    expect(hub.texts).toEqual(['for Tanzania', 'for all', 'for Kenya']);
    await until(() => listeners[0]?.events.length === 2);
    expect(listeners.map(({ texts }) => texts)).toEqual([
      ['for all', 'for Kenya'],
      ['for Tanzania', 'for all'],
      ['for all'],
    ]);
    const forOthers = read.mock.calls.filter(([, viewer]) => !viewer.hub).flatMap(([, , , ids]) => ids);
    expect(new Set(forOthers).size).toBe(forOthers.length);
  });

  it('tells nothing of the past from now on, but names the last event that the follower may see', async () => {
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const before = await following(officer, { operationId, fromNow: true });
    await note(operationId, { text: 'past' });
    await note(operationId, { text: 'hidden', level: 'RED' });
    const all = await following(officer, { operationId });
    const now = await following(officer, { operationId, fromNow: true });
    await note(operationId, { text: 'new' });
    await until(() => [all, now].every(({ texts }) => texts.at(-1) === 'new'));

    expect(now.texts).toEqual(['new']);
    expect(now.live).toEqual([{ operationId, cursor: all.events[0]?.cursor }]);
    expect(all.live).toEqual(now.live);
    expect((await following(officer, { operationId, after: before.live[0]?.cursor })).texts).toEqual(['past', 'new']);
  });

  it('goes on at another api process from the cursor that the client has', async () => {
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const first = await following(officer, { operationId });
    await note(operationId, { text: '1' });
    await note(operationId, { text: '2' });
    await until(() => first.events.length === 2);
    first.socket.disconnect();
    await note(operationId, { text: '3' });
    const second = await following(officer, { operationId, after: first.events.at(-1)?.cursor }, secondApi);
    await note(operationId, { text: '4' });
    await until(() => second.events.length === 2);
    expect(second.texts).toEqual(['3', '4']);
  });

  it('begins anew from the new cursor when followed again, and says nothing more once unfollowed', async () => {
    const operationId = await newOperation('KE');
    const other = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    await sql.query(
      `INSERT INTO grants (id, user_id, role, operation_id, country, granted_at) VALUES ($1, $2, 'AGENCY_OFFICER', $3, 'KE', now())`,
      [randomUUID(), officer.userId, other],
    );
    const listener = await following(officer, { operationId });
    await note(operationId, { text: '1' });
    await until(() => listener.events.length === 1);
    expect(await listener.follow({ operationId })).toEqual({ ok: true });
    await note(operationId, { text: '2' });
    await until(() => listener.texts.at(-1) === '2');
    expect(listener.texts).toEqual(['1', '1', '2']);

    await listener.follow({ operationId: other });
    // Sent at one instant: what came last counts, whichever is ready first.
    listener.socket.emit('unfollow', { operationId });
    listener.socket.emit('follow', { operationId });
    listener.socket.emit('unfollow', { operationId });
    await until(() => api.app.get(LiveStats).follows === 1);
    await note(operationId, { text: 'unfollowed' });
    await note(other, { text: 'other' });
    await until(() => listener.texts.at(-1) === 'other');
    expect(listener.texts).not.toContain('unfollowed');
  });

  it('ends at once with its session, and disconnects', async () => {
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const listeners = [await following(officer, { operationId }), await following(officer, { operationId }, secondApi)];
    const idle = listen(officer.token);
    await until(() => idle.socket.connected);
    await sql.query(`UPDATE sessions SET ended_at = now() WHERE id = $1`, [officer.sessionId]);
    await sql.query(`SELECT pg_notify('muster_sessions', $1)`, [officer.sessionId]);
    await until(() => [...listeners, idle].every(({ socket }) => socket.disconnected));
    for (const { ended } of listeners) expect(ended).toEqual([{ operationId, code: 'UNAUTHENTICATED' }]);
  });

  it('ends with its session at the next event, even where nobody said that it ended', async () => {
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const listener = await following(officer, { operationId });
    await sql.query(`UPDATE sessions SET ended_at = now() WHERE id = $1`, [officer.sessionId]);
    await note(operationId);
    await until(() => listener.socket.disconnected);
    expect(listener).toMatchObject({ events: [], ended: [{ operationId, code: 'UNAUTHENTICATED' }] });
  });

  it('outlives its access token, as long as its session lives', async () => {
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const listener = await following(officer, { operationId });
    await sql.query(`UPDATE access_tokens SET expires_at = now() - interval '1 minute' WHERE session_id = $1`, [
      officer.sessionId,
    ]);
    await note(operationId);
    await until(() => listener.events.length === 1);
    expect(await listener.follow({ operationId })).toEqual({ ok: true });
  });

  it.each(['told of it', 'not told of it'])(
    'ends at the next event for one whose role was taken away, %s',
    async (how) => {
      const operationId = await newOperation('KE');
      const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
      const colleague = await following(await newPerson(operationId, 'AGENCY_OFFICER', 'KE'), { operationId });
      const listener = await following(officer, { operationId });
      await sql.query(`UPDATE grants SET ended_at = now() WHERE user_id = $1`, [officer.userId]);
      if (how === 'told of it') await sql.query(`SELECT pg_notify('${ACCESS_CHANNEL}', $1)`, [officer.userId]);
      else await note(operationId);
      await until(() => listener.ended.length > 0);
      await note(operationId, { text: 'last' });
      await until(() => colleague.texts.at(-1) === 'last');

      expect(listener).toMatchObject({ events: [], ended: [{ operationId, code: 'NOT_FOUND' }] });
      expect(listener.socket.connected).toBe(true);
      expect(await listener.follow({ operationId })).toEqual({ ok: false, code: 'NOT_FOUND' });
    },
  );

  it('lets a contact point follow the frame of an operation that invited the country, and tells no record', async () => {
    const operationId = await newOperation('KE');
    await sql.query(`UPDATE participations SET status = 'INVITED' WHERE operation_id = $1`, [operationId]);
    const contact = await newPerson(null, 'NATIONAL_COORDINATOR', 'KE');
    const listener = await following(contact, { operationId });
    await note(operationId, { level: 'GREEN' });
    await note(operationId, { text: 'clear', level: 'CLEAR' });
    await until(() => listener.events.length > 0);
    expect(listener.texts).toEqual(['clear']);
    await sql.query(`UPDATE participations SET status = 'DECLINED' WHERE operation_id = $1`, [operationId]);
    await note(operationId, { level: 'CLEAR' });
    await until(() => listener.ended.length > 0);
    expect(listener).toMatchObject({ texts: ['clear'], ended: [{ operationId, code: 'NOT_FOUND' }] });
  });

  it('takes no socket without a good token, and none outside its namespace', async () => {
    for (const token of [undefined, 'mat_wrong', '', 42, { token: 'x' }]) {
      const listener = listen(token);
      await until(() => listener.refusal !== undefined);
      expect(listener.refusal).toEqual({ code: 'UNAUTHENTICATED' });
    }
    const elsewhere = new Listener(io(api.url, { transports: ['websocket'], forceNew: true, reconnection: false }));
    await until(() => elsewhere.refusal !== undefined);
    expect(elsewhere.refusal).toEqual({ code: 'NOT_FOUND' });
  });

  it('says UNAVAILABLE while PostgreSQL is away, and INTERNAL where the fault is ours', async () => {
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const listener = await following(officer, { operationId });
    const accounts = api.app.get(Accounts);
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    for (const [error, code] of [
      [away, 'UNAVAILABLE'],
      [new TypeError('ours'), 'INTERNAL'],
    ] as const) {
      jest.spyOn(accounts, 'actorOf').mockRejectedValueOnce(error);
      const refused = listen(officer.token);
      await until(() => refused.refusal !== undefined);
      expect(refused.refusal).toEqual({ code });
      jest.spyOn(accounts, 'actorsOf').mockRejectedValueOnce(error);
      expect(await listener.follow({ operationId })).toEqual({ ok: false, code });
    }
    expect(listener.socket.connected).toBe(true);
  });

  it('answers garbage with an error, with or without an acknowledgement, and lives on', async () => {
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const listener = await following(officer, { operationId });
    const stranger = await newOperation('TZ');
    const otherCursor = listener.live[0]?.cursor;
    for (const [message, code] of [
      [undefined, 'BAD_USER_INPUT'],
      ['garbage', 'BAD_USER_INPUT'],
      [[], 'BAD_USER_INPUT'],
      [{}, 'BAD_USER_INPUT'],
      [{ operationId: 'x' }, 'BAD_USER_INPUT'],
      [{ operationId, after: 'x' }, 'BAD_USER_INPUT'],
      [{ operationId, after: '' }, 'BAD_USER_INPUT'],
      [{ operationId, after: 7 }, 'BAD_USER_INPUT'],
      [{ operationId: randomUUID() }, 'NOT_FOUND'],
      [{ operationId: stranger }, 'NOT_FOUND'],
      [{ operationId: stranger, after: otherCursor }, 'NOT_FOUND'],
    ] as const) {
      expect(await listener.follow(message)).toEqual({ ok: false, code });
      listener.socket.emit('follow', message);
    }
    listener.socket.emit('follow', { operationId: 'x' }, Buffer.from('bytes'), null);
    listener.socket.emit('follow');
    for (const message of [undefined, null, 'garbage', [operationId], {}]) listener.socket.emit('unfollow', message);
    listener.socket.emit('error', 'x');
    listener.socket.emit('no such message', { operationId });
    await note(operationId, { text: 'still here' });
    await until(() => listener.texts.at(-1) === 'still here');
    expect(listener.ended).toEqual([]);
  });

  it('tells a client that does not take its events that it is behind, and hurts nobody else', async () => {
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const quick = await following(officer, { operationId });
    const slow = await PollingClient.connect(api.url, officer.token);
    await slow.send(['follow', { operationId }]);
    await until(async () => (await slow.take()).some(([message]) => message === 'live'));

    const { behind } = api.app.get(LiveStats);
    let made = 0;
    while (api.app.get(LiveStats).behind === behind && made < 3_000) {
      await Promise.all(Array.from({ length: 8 }, () => note(operationId, { text: String(++made) })));
    }
    await until(() => quick.events.length === made);
    expect(new Set(quick.texts).size).toBe(made);
    expect(quick.behind).toEqual([]);

    const heard = await slow.take();
    const told = heard.flatMap(([message, event]) => (message === 'event' ? [(event as SocketEvent).subjectId] : []));
    expect(told.length).toBeLessThan(made);
    expect(told).toEqual(quick.subjects.slice(0, told.length));
    expect(heard.at(-1)).toEqual(['behind', { operationId, cursor: quick.events[told.length - 1]?.cursor }]);

    const again = await following(officer, { operationId, after: quick.events[told.length - 1]?.cursor });
    await until(() => told.length + again.events.length === made);
    expect([...told, ...again.subjects]).toEqual(quick.subjects);
    await slow.close();
  });

  it('keeps little waiting for a client that does not take its past', async () => {
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 100; i++) await note(operationId);
      }),
    );
    const quick = await following(officer, { operationId });
    await until(() => quick.events.length === 800);
    const { told } = api.app.get(LiveStats);
    const slow = await PollingClient.connect(api.url, officer.token);
    await slow.send(['follow', { operationId }]);
    await until(() => api.app.get(LiveStats).told > told);
    await note(operationId, { text: 'meanwhile' });
    await until(() => quick.texts.at(-1) === 'meanwhile');
    expect(api.app.get(LiveStats).told - told).toBeLessThanOrEqual(400 + 1);

    const heard: string[] = [];
    await until(async () => {
      for (const [message, event] of await slow.take())
        if (message === 'event') heard.push((event as SocketEvent).subjectId);
      return heard.length >= 801;
    });
    expect(heard).toEqual(quick.subjects);
    await slow.close();
  });

  it('goes on when PostgreSQL cuts all its connections, and misses nothing', async () => {
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const listener = await following(officer, { operationId });
    await note(operationId, { text: '1' });
    await until(() => listener.events.length === 1);
    const admin = new DataSource({ type: 'postgres', url: database.adminUrl });
    await admin.initialize();
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await admin.destroy();
    await until(() => note(operationId, { text: '2' }).then(() => true));
    await until(() => listener.texts.at(-1) === '2');
    expect(listener.texts).toEqual(['1', '2']);
    await until(() => api.app.get(LiveStats).isListening);
  });

  it('follows fifty operations on one socket, and no more', async () => {
    const officer = await newPerson(null, 'HUB', null);
    const listener = listen(officer.token);
    for (let i = 0; i < 50; i++)
      expect(await listener.follow({ operationId: await newOperation() })).toEqual({ ok: true });
    expect(await listener.follow({ operationId: await newOperation() })).toEqual({ ok: false, code: 'BAD_USER_INPUT' });
  });

  it('counts sockets and what they follow, and lags behind nothing when all is told', async () => {
    const stats = api.app.get(LiveStats);
    await until(() => stats.sockets === 0 && stats.follows === 0);
    const operationId = await newOperation('KE');
    const officer = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const listener = await following(officer, { operationId });
    expect(stats).toMatchObject({ sockets: 1, follows: 1 });
    await note(operationId);
    await until(() => listener.events.length === 1 && stats.lagSeconds() === 0);
    listener.socket.disconnect();
    await until(() => stats.sockets === 0 && stats.follows === 0);
  });
});

/** A client by long polling that asks for what waits when it is told to, and not before. */
class PollingClient {
  private constructor(private readonly address: string) {}

  static async connect(url: string, token: string): Promise<PollingClient> {
    const address = `${url}/socket.io/?EIO=4&transport=polling`;
    const opened = await (await fetch(address)).text();
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
    const client = new PollingClient(`${address}&sid=${sid}`);
    await client.post(`40/live,${JSON.stringify({ token })}`);
    await until(async () => (await client.packets()).some((packet) => packet.startsWith('40/live')));
    return client;
  }

  async send(message: readonly unknown[]): Promise<void> {
    await this.post(`42/live,${JSON.stringify(message)}`);
  }

  async close(): Promise<void> {
    await this.post('1');
  }

  /** The messages that wait; waits for one when there is none. */
  async take(): Promise<[string, unknown][]> {
    const packets = await this.packets();
    return packets
      .filter((packet) => packet.startsWith('42/live,'))
      .map((packet) => JSON.parse(packet.slice(8)) as [string, unknown]);
  }

  private async packets(): Promise<string[]> {
    const packets = (await (await fetch(this.address)).text()).split('\x1e');
    if (packets.includes('2')) await this.post('3');
    return packets;
  }

  private async post(body: string): Promise<void> {
    await fetch(this.address, { method: 'POST', body, headers: { 'Content-Type': 'text/plain;charset=UTF-8' } });
  }
}

describe('the heartbeat', () => {
  const beat = (): Promise<void> => api.app.get(Heartbeat).beat();

  it('names the last event that the viewer may see, and nothing of those that are hidden changes it', async () => {
    const operationId = await newOperation('KE', 'TZ');
    const kenya = await newPerson(operationId, 'NATIONAL_COORDINATOR', 'KE');
    const tanzania = await newPerson(operationId, 'AGENCY_OFFICER', 'TZ');
    await note(operationId, { level: 'GREEN' });
    const [ofKenya, ofTanzania] = [await following(kenya, { operationId }), await following(tanzania, { operationId })];
    await until(() => ofKenya.events.length === 1 && ofTanzania.events.length === 1);
    const told = ofTanzania.events.at(-1)?.cursor;
    await beat();
    await until(() => ofTanzania.heartbeats.length > 0);
    expect(ofTanzania.heartbeats.at(-1)).toEqual({ operationId, cursor: told });
    expect(ofKenya.heartbeats.at(-1)).toEqual({ operationId, cursor: told });

    await note(operationId, { level: 'RED' });
    await until(() => ofKenya.events.length === 2);
    const before = ofTanzania.heartbeats.length;
    await beat();
    await until(() => ofTanzania.heartbeats.length > before);
    expect(ofTanzania.heartbeats.at(-1)).toEqual({ operationId, cursor: told });
    expect(ofKenya.heartbeats.at(-1)).toEqual({ operationId, cursor: ofKenya.events.at(-1)?.cursor });
    expect(ofKenya.heartbeats.at(-1)?.cursor).not.toBe(told);
  });

  it('names the end to one who was not told yet, as far as that viewer may see it, and is told to all at one instant', async () => {
    const operationId = await newOperation('KE', 'TZ');
    const kenya = await newPerson(operationId, 'NATIONAL_COORDINATOR', 'KE');
    const tanzania = await newPerson(operationId, 'AGENCY_OFFICER', 'TZ');
    const author = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const colleague = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const listeners: Listener[] = [];
    for (const person of [kenya, tanzania, author, colleague]) {
      listeners.push(await following(person, { operationId, fromNow: true }));
    }
    const [start] = listeners.map(({ live }) => live[0]?.cursor);
    // Nobody is told anything from here on.
    jest.spyOn(api.app.get(Feed), 'pages').mockRejectedValue(new Error('it does not work'));
    await note(operationId, { level: 'GREEN', text: 'for all' });
    await note(operationId, { level: 'RED', authorId: author.userId });
    const instants: number[] = [];
    for (const { socket } of listeners) socket.on('heartbeat', () => instants.push(performance.now()));
    await beat();
    await until(() => listeners.every(({ heartbeats }) => heartbeats.length > 0));
    expect(listeners.every(({ events }) => events.length === 0)).toBe(true);
    const [forKenya, forTanzania, forAuthor, forColleague] = listeners.map(
      ({ heartbeats }) => heartbeats.at(-1)?.cursor,
    );
    expect(forKenya).not.toBe(forTanzania);
    expect([forAuthor, forColleague]).toEqual([forKenya, forTanzania]);
    expect(forTanzania).not.toBe(start);
    expect(Math.max(...instants) - Math.min(...instants)).toBeLessThan(200);
    expect(api.app.get(LiveStats).followersBehind).toBeGreaterThanOrEqual(4);
    expect(api.app.get(LiveStats).followerLagSeconds()).toBeGreaterThan(0);

    jest.restoreAllMocks();
    await until(() => listeners[1]?.events.length === 1 && listeners[0]?.events.length === 2);
    expect(forTanzania).toBe(listeners[1]?.events[0]?.cursor);
    expect(forKenya).toBe(listeners[0]?.events[1]?.cursor);
    await beat();
    await until(() => api.app.get(LiveStats).followerLagSeconds() === 0);
  });

  it('comes by itself, is never told of an operation that is no longer followed, and is silent while the log cannot be read', async () => {
    const operationId = await newOperation('KE');
    const kenya = await newPerson(operationId, 'AGENCY_OFFICER', 'KE');
    const listener = await following(kenya, { operationId });
    await until(() => listener.heartbeats.length > 0, { limit: 20_000 });
    await listener.socket.timeout(5_000).emitWithAck('unfollow', { operationId });
    const count = listener.heartbeats.length;
    await beat();
    expect(await listener.follow({ operationId })).toEqual({ ok: true });
    expect(listener.heartbeats).toHaveLength(count);
    await until(() => listener.live.length > 1);
    jest.spyOn(api.app.get(Feed), 'head').mockRejectedValue(new Error('the log is away'));
    await beat();
    jest.restoreAllMocks();
    await listener.socket.timeout(5_000).emitWithAck('unfollow', { operationId });
    expect(listener.heartbeats).toHaveLength(count);
  });
});

describe('who follows', () => {
  const seenBy = async (person: Person, operationId: string) => {
    const actor = await api.app.get(Accounts).actorOf(person.token);
    if (!actor) throw new Error('Nobody acts.');
    return api.app.get(Followers).of(actor, operationId);
  };

  it('is told to the hub over all processes, behind by what the hub may see itself, and gone with the socket', async () => {
    const operationId = await newOperation('KE', 'TZ');
    const hub = await newPerson(operationId, 'HUB', null);
    const kenya = await newPerson(operationId, 'NATIONAL_COORDINATOR', 'KE');
    const tanzania = await newPerson(operationId, 'AGENCY_OFFICER', 'TZ');
    await note(operationId, { level: 'GREEN' });
    const first = await following(kenya, { operationId });
    await following(tanzania, { operationId }, secondApi);
    jest.spyOn(api.app.get(Feed), 'pages').mockRejectedValue(new Error('it does not work'));
    await note(operationId, { level: 'RED' });
    await note(operationId, { level: 'RED' });
    const beat = (): Promise<unknown> => Promise.all([api, secondApi].map(({ app }) => app.get(Heartbeat).beat()));
    await beat();
    // That Kenya was not told of two RED notes is not for the hub to know.
    const told = await seenBy(hub, operationId);
    expect(told.map(({ userId, countries, eventsBehind }) => [userId, countries, eventsBehind]).sort()).toEqual(
      [
        [kenya.userId, ['KE'], 0],
        [tanzania.userId, ['TZ'], 0],
      ].sort(),
    );
    await note(operationId, { level: 'AMBER_STRICT' });
    const behind = await until(async () => {
      await beat();
      const rows = await seenBy(hub, operationId);
      const isTold = rows.some(({ userId, eventsBehind }) => userId === tanzania.userId && eventsBehind === 0);
      return isTold ? rows[0] : undefined;
    });
    expect(behind).toMatchObject({ userId: kenya.userId, eventsBehind: 1 });
    await expect(seenBy(kenya, operationId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    jest.restoreAllMocks();
    first.socket.disconnect();
    await until(() => api.app.get(LiveStats).sockets === 0);
    await beat();
    expect((await seenBy(hub, operationId)).map(({ userId }) => userId)).toEqual([tanzania.userId]);
  });
});
