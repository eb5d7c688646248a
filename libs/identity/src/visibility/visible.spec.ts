import pg from 'pg';
import { type Actor, type ActorGrant, partOfMuster, Role, Values } from '#platform';

import { testDatabase, type TestDatabase } from '../../../../tests/setup/index.js';
import { outside, type Standing, standingIn } from './standing.js';
import { sharingColumns, visible } from './visible.js';

const SEA = '018f0000-0000-7000-8000-000000000001';
const ELSEWHERE = '018f0000-0000-7000-8000-000000000002';
const AUTHOR = '018f0000-0000-7000-8000-00000000000a';
const NAMED = '018f0000-0000-7000-8000-00000000000b';
const SOMEBODY = '018f0000-0000-7000-8000-00000000000c';

type Level = 'RED' | 'AMBER_STRICT' | 'AMBER' | 'GREEN' | 'CLEAR';
const LEVELS: readonly Level[] = ['RED', 'AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'];

function grant(role: Role, country: string | null, more: Partial<ActorGrant> = {}): ActorGrant {
  const participation = country === null ? null : 'ACCEPTED';
  return { role, country, operationId: SEA, unitId: null, participation, ...more };
}

function person(userId: string, ...grants: readonly ActorGrant[]): Actor {
  return { ...partOfMuster('test'), userId, part: null, grants };
}

const STANDING = { operationId: null, participation: null };
const { NATIONAL_COORDINATOR, AGENCY_OFFICER, PORT_UNIT_OFFICER, ANALYST, OBSERVER, HUB, ADMINISTRATOR } = Role;

const NOTHING_BUT_CLEAR: readonly Level[] = ['CLEAR'];
const RELEASED: readonly Level[] = ['GREEN', 'CLEAR'];
const CONCERNED: readonly Level[] = ['AMBER', 'GREEN', 'CLEAR'];
const OWNERS_PEOPLE: readonly Level[] = ['AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'];

/**
 * The table of the domain's sharing levels, asked as each kind of viewer. The records are Kenya's, written by an officer of
 * Kenya; they name a person, concern KE, TZ, OM, NL, SC and MZ, add BR and BE, and leave out OM, BE and ZA.
 */
const viewers: readonly [string, Actor, readonly Level[]][] = [
  ['a coordinator of the owner', person(SOMEBODY, grant(NATIONAL_COORDINATOR, 'KE')), LEVELS],
  ['the author', person(AUTHOR, grant(AGENCY_OFFICER, 'KE')), LEVELS],
  ['another agency officer of the owner', person(SOMEBODY, grant(AGENCY_OFFICER, 'KE')), OWNERS_PEOPLE],
  ['a port unit officer of the owner', person(SOMEBODY, grant(PORT_UNIT_OFFICER, 'KE')), OWNERS_PEOPLE],
  ['an analyst of the owner', person(SOMEBODY, grant(ANALYST, 'KE')), OWNERS_PEOPLE],
  ['an officer of the hub', person(SOMEBODY, grant(HUB, null, STANDING)), OWNERS_PEOPLE],
  ['a standing analyst of the hub', person(SOMEBODY, grant(ANALYST, null, STANDING)), OWNERS_PEOPLE],
  ['an analyst of the hub in the operation', person(SOMEBODY, grant(ANALYST, null)), OWNERS_PEOPLE],
  ['the hub as a class of viewers', { ...person(SOMEBODY, grant(HUB, null, STANDING)), userId: null }, OWNERS_PEOPLE],
  [
    "a class of the owner's officers, which the author is of",
    { ...person(AUTHOR, grant(AGENCY_OFFICER, 'KE')), userId: null },
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
let client: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    CREATE TEMPORARY TABLE shared_records (
      sharing_level text, country text, author_id uuid, named_user_ids uuid[],
      concerned_countries text[], added_countries text[], left_out_countries text[]
    )`);
  await client.query(
    `INSERT INTO shared_records
     SELECT unnest($1::text[]), 'KE', $2, ARRAY[$3]::uuid[], '{KE,TZ,OM,NL,SC,MZ}', '{BR,BE}', '{OM,BE,ZA}'`,
    [LEVELS, AUTHOR, NAMED],
  );
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

async function seen(standing: Standing): Promise<Level[]> {
  const values = new Values();
  const condition = visible(sharingColumns('record'), standing, values);
  const { rows } = await client.query<{ level: Level }>(
    `SELECT sharing_level AS level FROM shared_records record WHERE ${condition}`,
    values.list,
  );
  return LEVELS.filter((level) => rows.some((row) => row.level === level));
}

test.each(viewers)('%s sees what the table says', async (_, actor, levels) => {
  expect(await seen(standingIn(actor, SEA))).toEqual(levels);
});

test('somebody who was never in the operation may open what is CLEAR, be it the own record', async () => {
  expect(await seen(outside(person(AUTHOR)))).toEqual(['CLEAR']);
});
