import { randomBytes } from 'node:crypto';

import { until } from '../setup/index.js';
import { openPorts } from '../setup/ports.js';
import { LOG, type Person, REPORT, type Scene, seizureInput, violationInput } from '../setup/scene.js';
import type { Known } from './values.js';

/** Somebody who sends fuzzed requests. */
export interface Caller {
  readonly name: string;
  /** Absent: nobody, who has no account. */
  readonly person?: Person;
  /** Mutations that would rightly change who sees what, or end the caller's own session. */
  readonly leaves: ReadonlySet<string>;
}

/** A text in a record, and the callers who may read the record. */
export interface Mark {
  readonly text: string;
  readonly what: string;
  readonly readers: readonly string[];
}

export interface Stage {
  readonly callers: readonly Caller[];
  readonly marks: readonly Mark[];
  readonly known: Known;
  /** A right report of each kind, to begin from. */
  readonly templates: readonly { readonly query: string; readonly input: Readonly<Record<string, unknown>> }[];
}

const marks: Mark[] = [];

/** A text that stands nowhere else, and in no input that is sent later. */
export function mark(what: string, ...readers: readonly string[]): string {
  const text = `Mk${randomBytes(9).toString('hex')}`;
  marks.push({ text, what, readers });
  return text;
}

/** Gives or takes away rights; by whom it is nobody's place to do so, they are tried all the same. */
const RIGHTS = [
  'grantRole',
  'endGrant',
  'inviteCountries',
  'answerInvitation',
  'withdrawParticipation',
  'postOfficer',
  'resetAccount', // ends the sessions of whoever it is
  'signOut',
];
const OWN_SESSION = ['signOut'];

/** Who may know the frame of an operation that the others take no part in: administrators give roles in it, and read no report of it. */
const OUTSIDE = ['hub', 'analyst', 'outsider', 'administrator'];

/** An operation with records that some callers may see and others not, and people of every role. */
export async function setStage(scene: Scene): Promise<Stage> {
  const ports = await openPorts(scene);
  const { hub, kenya, tanzania, officer, neighbour, operationId, agencies } = ports;
  const ugandaAgency = await scene.agency('UG');
  const uganda = await scene.join(hub, operationId, 'UG', ugandaAgency);
  const declined = await decline(scene, hub, operationId, 'RW');
  const observer = await scene.person(null, { role: 'OBSERVER', operationId });
  const administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
  const analyst = await scene.person(null, { role: 'ANALYST' });
  const agencyOfficer = await scene.person(agencies.KE, { role: 'AGENCY_OFFICER', operationId, country: 'KE' });
  const other = await scene.operation(hub, {
    codeName: mark('the name of another operation', ...OUTSIDE),
    objectives: mark('the objectives of another operation', ...OUTSIDE),
  });
  const outsider = await scene.join(hub, other.id, 'NA', await scene.agency('NA'));

  const hidden: string[] = [];
  const log = async (
    by: Person,
    agencyId: string,
    level: string,
    what: string,
    readers: string[],
    sharing: object = {},
  ): Promise<void> => {
    const input = marked(violationInput(operationId, agencyId, { sharing: { level, ...sharing } }), what, readers);
    const { id } = await by.do<{ id: string }>(LOG, { input });
    hidden.push(id);
    await by.do(CORRECT, {
      id,
      reason: mark(`the reason for correcting ${what}`, ...readers.filter((reader) => reader === 'agencyOfficer')),
      input: corrected(input, what, readers),
    });
  };
  for (let n = 0; n < 3; n += 1) {
    await log(kenya, agencies.KE, 'RED', 'a RED violation of Kenya', []);
    await log(kenya, agencies.KE, 'AMBER_STRICT', 'a violation of Kenya for itself and the hub', [
      'hub',
      'analyst',
      'agencyOfficer',
    ]);
    await log(uganda, ugandaAgency, 'AMBER_STRICT', 'a violation of Uganda for itself and the hub', ['hub', 'analyst']);
    await log(
      kenya,
      agencies.KE,
      'GREEN',
      'a violation that leaves Tanzania out',
      ['hub', 'analyst', 'agencyOfficer', 'observer'],
      {
        leaveOutCountries: ['TZ'],
      },
    );
  }
  for (const level of ['RED', 'AMBER_STRICT']) {
    const readers = level === 'RED' ? [] : ['hub', 'analyst', 'agencyOfficer'];
    const what = `a seizure of Kenya (${level})`;
    const input = seizureInput(operationId, ports.mombasa, { sharing: { level } });
    const free = ['declaredGoods', 'foundGoods', 'carrier', 'narrative', 'billOfLading'];
    const texts = Object.fromEntries(free.map((field) => [field, mark(`${field} of ${what}`, ...readers)]));
    const { id } = await officer.do<{ id: string }>(REPORT, {
      input: {
        ...input,
        ...texts,
        seals: [mark(`a seal of ${what}`, ...readers)],
        vessel: { name: mark(`the vessel of ${what}`, ...readers) },
      },
    });
    hidden.push(id);
  }
  await until(async () => (await scene.sql(`SELECT 1 FROM outbox`)).length === 0, { what: 'the reports are settled' });
  const visible = await tanzania.do<{ id: string }>(LOG, { input: violationInput(operationId, agencies.TZ) });
  const rows = await scene.sql<{ id: string }>(
    `SELECT id FROM participations UNION SELECT id FROM users UNION SELECT id FROM agencies UNION SELECT id FROM grants`,
  );
  const { headCursor } = await hub.do<{ headCursor: string }>(
    'query ($id: UUID!) { operation(id: $id) { headCursor } }',
    { id: operationId },
  );

  return {
    marks,
    known: {
      operations: [operationId, operationId, other.id],
      ids: [
        ...[operationId, operationId, operationId, other.id, ports.mombasa, ports.darEsSalaam, visible.id, visible.id],
        ...hidden,
        ...rows.map(({ id }) => id),
      ],
      cursors: [headCursor, headCursor.replace(/^./, 'A'), ''],
    },
    templates: [
      { query: LOG, input: violationInput(operationId, agencies.TZ) },
      { query: REPORT, input: seizureInput(operationId, ports.darEsSalaam) },
    ],
    callers: [
      { name: 'nobody', leaves: new Set() },
      { name: 'hub', person: hub, leaves: new Set(RIGHTS) },
      { name: 'analyst', person: analyst, leaves: new Set(OWN_SESSION) },
      { name: 'tanzania', person: tanzania, leaves: new Set(RIGHTS) },
      { name: 'neighbour', person: neighbour, leaves: new Set(OWN_SESSION) },
      { name: 'agencyOfficer', person: agencyOfficer, leaves: new Set(OWN_SESSION) },
      { name: 'declined', person: declined, leaves: new Set(RIGHTS) },
      { name: 'outsider', person: outsider, leaves: new Set(RIGHTS) },
      { name: 'observer', person: observer, leaves: new Set(OWN_SESSION) },
      { name: 'administrator', person: administrator, leaves: new Set(RIGHTS) },
    ],
  };
}

const CORRECT = `mutation ($id: UUID!, $reason: String!, $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: 1, reason: $reason, input: $input) { id } }`;

/** A violation with a mark in every text that people write. */
function marked(
  input: Readonly<Record<string, unknown>>,
  what: string,
  readers: readonly string[],
): Record<string, unknown> {
  const of = (field: string): string => mark(`${field} of ${what}`, ...readers);
  return {
    ...input,
    narrative: of('the narrative'),
    place: { unlocode: 'KEMBA', name: of('the place') },
    consignment: { ...(input['consignment'] as object), billOfLading: of('the bill of lading') },
    vessel: { name: of('the vessel'), voyage: of('the voyage') },
    lines: (input['lines'] as readonly object[]).map((line) => ({ ...line, agreementReference: of('the reference') })),
  };
}

function corrected(input: Readonly<Record<string, unknown>>, what: string, readers: readonly string[]): object {
  const {
    id: _id,
    operationId: _operation,
    sharing: _sharing,
    ...content
  } = marked(input, `the second version of ${what}`, readers);
  return content;
}

async function decline(scene: Scene, hub: Person, operationId: string, country: string): Promise<Person> {
  const person = await scene.person(await scene.agency(country), { role: 'NATIONAL_COORDINATOR', country });
  const [participation] = await hub.do<{ id: string }[]>(
    'mutation ($id: UUID!, $countries: [CountryCode!]!) { inviteCountries(operationId: $id, countries: $countries) { id } }',
    { id: operationId, countries: [country] },
  );
  const input = { participationId: participation?.id, accept: false, reason: 'No people for it this year.' };
  await person.do('mutation ($input: AnswerInvitationInput!) { answerInvitation(input: $input) { status } }', {
    input,
  });
  return person;
}
