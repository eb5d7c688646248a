import { Test, type TestingModule } from '@nestjs/testing';
import { v7 } from 'uuid';

import { Feed, FeedModule } from '#feed';
import {
  type Actor,
  type ActorGrant,
  Database,
  insertRows,
  partOfMuster,
  PlatformModule,
  Role,
  type Tx,
} from '#platform';
import { Figures, TrendsModule } from '#trends';

import { testDatabase, type TestDatabase } from '../setup/index.js';
import type { Secret } from './hidden-recount.js';
import { lastConcerned, type Viewer } from './who-sees.js';
import {
  type Entry,
  lastPosition,
  OWNERS,
  type RandomOperation,
  type SharedRecord,
  UNITS,
} from './random-operation.js';

const AUTHOR = '0196a000-0000-7000-8000-0000000000aa';
/** An account per viewer, as the database looks their grants up by itself. */
const VIEWERS: Readonly<Record<Viewer | 'outsider', string>> = {
  hub: '0196a000-0000-7000-8000-0000000000b1',
  'coordinator of KE': '0196a000-0000-7000-8000-0000000000b2',
  'officer of KE': '0196a000-0000-7000-8000-0000000000b3',
  observer: '0196a000-0000-7000-8000-0000000000b4',
  outsider: '0196a000-0000-7000-8000-0000000000b5',
};
const AT = '2017-01-01T00:00:00Z';

/** Muster's ledger of figures on a database of its own, without the reports that write it in earnest. */
export interface LedgerHouse {
  /** As the role that serves requests, under the policies. */
  readonly module: TestingModule;
  /** As the role that owns the tables, like the commands of the console. */
  readonly keeper: TestingModule;
  readonly database: TestDatabase;
  /** What the noise of protected figures is drawn with. */
  readonly secret: Secret;
  /** Stores an operation with all its records and events, and lets `Figures` write its ledger, several changes at a time. */
  store(operation: RandomOperation): Promise<void>;
  cursorAt(operationId: string, position: number): string;
  close(): Promise<void>;
}

export async function openLedgerHouse(): Promise<LedgerHouse> {
  const database = await testDatabase();
  const keeper = await musterOn(database.url);
  const module = await musterOn(database.roles.api);
  const actor = partOfMuster('test');
  await keeper.get(Database).write(actor, storeParties);
  const { rows } = await database.pool.query<Secret>('SELECT inner_pad AS inner, outer_pad AS outer FROM figure_keys');
  const [secret] = rows;
  if (!secret) throw new Error('The migrations make the key of the noise.');
  return {
    module,
    keeper,
    database,
    secret,
    store: (operation) => keeper.get(Database).write(actor, (tx) => storeOperation(tx, keeper.get(Figures), operation)),
    cursorAt: (operationId, position) => module.get(Feed).cursorAt(operationId, position),
    close: async () => {
      await Promise.all([module.close(), keeper.close()]);
      await database.drop();
    },
  };
}

/** The ledger of figures alone, as the role of the URL. */
export async function musterOn(databaseUrl: string): Promise<TestingModule> {
  const config = {
    production: false,
    host: '127.0.0.1',
    port: 0,
    databaseUrl,
    redisUrl: undefined,
    logLevel: 'silent',
    sessionDays: 30,
  };
  const module = await Test.createTestingModule({
    imports: [PlatformModule.of(config, 4), FeedModule, TrendsModule],
  }).compile();
  return module.init();
}

/** A person who looks at operations from outside or, with grants in them, from inside. */
export function viewerIn(viewer: Viewer | 'outsider', operations: readonly RandomOperation[]): Actor {
  const grant = (role: Role, operationId: string | null, country: string | null): ActorGrant => ({
    role,
    operationId,
    country,
    unitId: null,
    participation: country === null ? null : 'ACCEPTED',
  });
  const grants: Readonly<Record<Viewer | 'outsider', readonly ActorGrant[]>> = {
    hub: [grant(Role.HUB, null, null)],
    'coordinator of KE': operations.map(({ id }) => grant(Role.NATIONAL_COORDINATOR, id, 'KE')),
    'officer of KE': operations.map(({ id }) => grant(Role.AGENCY_OFFICER, id, 'KE')),
    observer: operations.map(({ id }) => grant(Role.OBSERVER, id, null)),
    outsider: [],
  };
  return { ...partOfMuster('test'), part: null, userId: VIEWERS[viewer], grants: grants[viewer] };
}

async function storeParties(tx: Tx): Promise<void> {
  const kinds: Readonly<Record<string, string>> = { KE: 'CUSTOMS', TZ: 'NAVY', FR: 'POLICE' };
  const agencies = Object.entries(OWNERS).map(([country, id]) => ({
    id,
    name: 'An agency',
    kind: kinds[country],
    country,
  }));
  await insertRows(tx, 'agencies', agencies);
  await insertRows(
    tx,
    'port_units',
    UNITS.map((id) => ({ id, name: 'A unit', kind: 'SEA_PORT', country: 'KE', unlocode: 'KEMBA' })),
  );
  await insertRows(
    tx,
    'users',
    [AUTHOR, ...Object.values(VIEWERS)].map((id) => ({
      id,
      email: `${id}@example.org`,
      name: 'A person',
      created_at: AT,
    })),
  );
  await insertRows(tx, 'grants', [grantOf('hub', Role.HUB, null, null)]);
}

async function storeOperation(tx: Tx, figures: Figures, operation: RandomOperation): Promise<void> {
  const { id, entries, records } = operation;
  await insertRows(tx, 'operations', [
    {
      id,
      version: 1,
      kind: 'STANDING',
      code_name: 'A test',
      phase: 'OPERATIONAL',
      crime_areas: ['POLLUTION'],
      time_zone: 'UTC',
      operational_starts_on: '2016-01-01',
      created_at: AT,
    },
  ]);
  await insertRows(tx, 'participations', [
    participation(id, 'KE', 'ACCEPTED', OWNERS.KE),
    participation(id, 'FR', 'ACCEPTED', OWNERS.FR),
    participation(id, 'TZ', 'ACCEPTED', null),
    participation(id, 'DE', 'DECLINED', null),
  ]);
  await insertRows(tx, 'grants', [
    grantOf('coordinator of KE', Role.NATIONAL_COORDINATOR, id, 'KE'),
    grantOf('officer of KE', Role.AGENCY_OFFICER, id, 'KE'),
    grantOf('observer', Role.OBSERVER, id, null),
  ]);
  await insertRows(tx, 'feed_heads', [{ operation_id: id, position: lastPosition(entries) }]);
  await insertRows(tx, 'feed_events', entries.map(eventOf(id)));
  await insertRows(
    tx,
    'violations',
    records.map((record) => violationOf(operation, record)),
  );
  await insertRows(
    tx,
    'violation_lines',
    records.flatMap((record) => linesOf(operation, record)),
  );
  await insertRows(tx, 'violation_versions', entries.map(versionOf(operation)));
  const changes = entries.map((entry) => ({
    position: entry.position,
    before:
      entries.findLast((earlier) => earlier.recordId === entry.recordId && earlier.position < entry.position)
        ?.figures ?? null,
    after: entry.figures,
  }));
  await figures.write(tx, id, changes.slice(0, 3));
  await figures.write(tx, id, changes.slice(3));
}

const grantOf = (
  viewer: Viewer,
  role: Role,
  operationId: string | null,
  country: string | null,
): Record<string, unknown> => ({
  id: v7(),
  user_id: VIEWERS[viewer],
  role,
  operation_id: operationId,
  country,
  granted_at: AT,
});

const participation = (
  operationId: string,
  country: string,
  status: string,
  lead: string | null,
): Record<string, unknown> => ({
  id: v7(),
  operation_id: operationId,
  country,
  status,
  lead_agency_id: lead,
  invited_at: AT,
});

const eventOf =
  (operationId: string) =>
  ({ position, recordId }: Entry): Record<string, unknown> => ({
    operation_id: operationId,
    position,
    kind: 'violation.logged',
    occurred_at: AT,
    subject_id: recordId,
  });

const versionOf =
  ({ id, entries }: RandomOperation) =>
  ({ position, recordId, figures }: Entry): Record<string, unknown> => ({
    operation_id: id,
    violation_id: recordId,
    version: entries.filter((entry) => entry.recordId === recordId && entry.position <= position).length,
    position,
    recorded_at: AT,
    author_id: AUTHOR,
    agency_id: OWNERS.KE,
    content: { figures },
  });

/** The record as its last content left it, and withdrawn where it no longer counts. */
function violationOf(operation: RandomOperation, record: SharedRecord): Record<string, unknown> {
  const history = operation.entries.filter(({ recordId }) => recordId === record.id);
  const content = history.findLast(({ figures }) => figures)?.figures;
  if (!content) throw new Error('A record begins with content.');
  return {
    operation_id: operation.id,
    id: record.id,
    version: history.length,
    country: record.country,
    author_id: AUTHOR,
    agency_id: content.agencyId,
    unit_id: content.unitId,
    source: content.source,
    scene: content.scene,
    detected_at: content.detectedAt,
    day: content.day,
    time_zone: 'UTC',
    crime_area: content.crimeArea,
    nature: content.nature,
    detection: content.detection,
    vessel_flag: content.flagState,
    persons: content.persons,
    companies: content.companies,
    use_restriction: 'NONE',
    late: content.late,
    exercise: false,
    transport_mode: content.transportMode,
    direction: content.direction,
    origin: content.origin,
    transit: content.origin === null ? null : [],
    destination: content.destination,
    risk_indicators: content.riskIndicators,
    sharing_level: record.sharing,
    added_countries: [],
    left_out_countries: [],
    named_user_ids: [],
    concerned_countries: lastConcerned(operation, record),
    withdrawn_at: history.at(-1)?.figures ? null : AT,
    recorded_at: AT,
    search_text: '',
  };
}

function linesOf({ id, entries }: RandomOperation, record: SharedRecord): Record<string, unknown>[] {
  const content = entries.findLast(({ recordId, figures }) => recordId === record.id && figures)?.figures;
  return (content?.lines ?? []).map((line, index) => ({
    operation_id: id,
    violation_id: record.id,
    line: index,
    agreement: line.agreement,
    commodity: line.commodity,
    quantity: '1',
    unit: 'PIECE',
    basis: 'ESTIMATED',
    quantity_kg: line.quantityKg,
    value_basis: line.valueEstimated ? 'ESTIMATED' : 'DECLARED',
    value_usd: line.valueUsd,
  }));
}
