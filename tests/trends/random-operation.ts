import fc from 'fast-check';
import { v7 } from 'uuid';

import type { RecordFigures } from '#trends';

/** A change of one record, as the feed tells it: what the record gives to the figures from this position on. */
export interface Entry {
  readonly position: number;
  readonly figures: RecordFigures | null;
  readonly recordId: string;
}

export interface SharedRecord {
  readonly id: string;
  readonly country: string;
  readonly sharing: string;
}

/** An operation held in memory: what a recount by hand is made from. */
export interface RandomOperation {
  readonly id: string;
  readonly entries: readonly Entry[];
  readonly records: readonly SharedRecord[];
}

/** The last position of the feed; 0 where nothing has happened. */
export function lastPosition(entries: readonly Entry[]): number {
  return entries.at(-1)?.position ?? 0;
}

/** The same life, between whose events many others of the feed lie that move no figure. */
export function spread(operation: RandomOperation, by: number): RandomOperation {
  return { ...operation, entries: operation.entries.map((entry) => ({ ...entry, position: entry.position * by })) };
}

/** The parties of every random operation: countries that own records, and the agency of each. */
export const OWNERS = {
  KE: '0196a000-0000-7000-8000-000000000001',
  TZ: '0196a000-0000-7000-8000-000000000002',
  FR: '0196a000-0000-7000-8000-000000000003',
} as const;
export type Owner = keyof typeof OWNERS;

/** Two port units of Kenya. */
export const UNITS = ['0196a000-0000-7000-8000-00000000000a', '0196a000-0000-7000-8000-00000000000b'] as const;

const OWNER_CODES = Object.keys(OWNERS) as Owner[];
export const ENDS = ['KE', 'TZ', 'FR', 'DE', 'AQ', 'XZ', 'ZZ'] as const;
export const DAYS = ['2016-01-03', '2016-12-31', '2017-01-01', '2017-01-02', '2017-06-14'] as const;
export const INSTANTS = ['2017-01-01T00:00:00Z', '2017-01-01T12:00:00Z', '2017-01-02T00:00:00Z'] as const;
export const COMMODITIES = ['household-waste', 'ewaste-other', 'waste-oil'] as const;

const amount = fc.option(
  fc.integer({ min: 0, max: 50_000 }).map((thousandths) => (thousandths / 1000).toFixed(3)),
  { freq: 3 },
);
const line = fc.record({
  agreement: fc.constantFrom('BASEL', 'CITES', 'MARPOL'),
  commodity: fc.constantFrom(...COMMODITIES),
  quantityKg: amount,
  valueUsd: amount,
  valueEstimated: fc.boolean(),
});

const route = fc.record({
  transportMode: fc.constantFrom('MARITIME', 'ROAD'),
  direction: fc.constantFrom('IMPORT', 'EXPORT', 'TRANSIT'),
  origin: fc.constantFrom(...ENDS),
  destination: fc.constantFrom(...ENDS),
});
const noRoute = { transportMode: null, direction: null, origin: null, destination: null };

const content = fc.record({
  day: fc.constantFrom(...DAYS),
  detectedAt: fc.constantFrom(...INSTANTS),
  late: fc.boolean(),
  crimeArea: fc.constantFrom('POLLUTION', 'WILDLIFE'),
  nature: fc.constantFrom('CRIMINAL', 'ADMINISTRATIVE', 'UNDETERMINED'),
  place: fc.oneof(
    fc.record({ scene: fc.constant('CONSIGNMENT'), route, unitId: fc.option(fc.constantFrom(...UNITS)) }),
    fc.record({ scene: fc.constantFrom('SITE', 'VESSEL'), route: fc.constant(noRoute), unitId: fc.constant(null) }),
  ),
  flagState: fc.option(fc.constantFrom('PA', 'ZZ')),
  detection: fc.constantFrom('CHANCE', 'INTELLIGENCE'),
  concernedCountries: fc.subarray(['KE', 'TZ', 'FR']),
  riskIndicators: fc.subarray(['documents.forged', 'route.detour', 'weight.off']),
  persons: fc.integer({ min: 0, max: 4 }),
  companies: fc.integer({ min: 0, max: 2 }),
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
});
type Content = typeof content extends fc.Arbitrary<infer T> ? T : never;

const stepParts = {
  kind: fc.constantFrom('add', 'add', 'correct', 'withdraw'),
  which: fc.nat(),
  owner: fc.constantFrom(...OWNER_CODES),
  content,
};
const CROWD = ['RED', 'AMBER_STRICT', 'AMBER_STRICT', 'AMBER_STRICT', 'AMBER', 'GREEN'] as const;

const step = fc.record({
  ...stepParts,
  sharing: fc.constantFrom('RED', 'AMBER_STRICT', 'AMBER', 'AMBER', 'GREEN', 'GREEN', 'GREEN', 'CLEAR'),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A random life of an operation: records that are logged, corrected and withdrawn, one feed position each. */
export const randomOperation: fc.Arbitrary<RandomOperation> = fc.array(step, { maxLength: 14 }).map(live);

/** One in which most records are hidden from most. */
export const crowdedOperation: fc.Arbitrary<RandomOperation> = fc
  .array(fc.record({ ...stepParts, sharing: fc.constantFrom(...CROWD) }), { minLength: 25, maxLength: 60 })
  .map(live);

/** The same, of records that nobody corrected or withdrew. */
export const crowdOfNew: fc.Arbitrary<RandomOperation> = fc
  .array(fc.record({ ...stepParts, kind: fc.constant('add' as const), sharing: fc.constantFrom(...CROWD) }), {
    minLength: 15,
    maxLength: 40,
  })
  .map(live);

/** One in which nothing is hidden from anybody. */
export const openOperation: fc.Arbitrary<RandomOperation> = fc
  .array(fc.record({ ...stepParts, sharing: fc.constantFrom('GREEN', 'CLEAR') }), { maxLength: 20 })
  .map(live);

function live(steps: readonly Step[]): RandomOperation {
  const records: SharedRecord[] = [];
  const entries: Entry[] = [];
  const now = new Map<string, RecordFigures | null>();
  for (const { kind, which, owner, sharing, content: given } of steps) {
    const present = records.filter(({ id }) => now.get(id));
    const chosen = present[which % Math.max(present.length, 1)];
    const isNew = kind === 'add' || !chosen;
    const record = isNew ? { id: v7(), country: owner, sharing } : chosen;
    if (isNew) records.push(record);
    const figures = kind === 'withdraw' && !isNew ? null : figuresOf(record, given);
    now.set(record.id, figures);
    entries.push({ position: entries.length + 1, recordId: record.id, figures });
  }
  return { id: v7(), entries, records };
}

function figuresOf(record: SharedRecord, { place, detectedAt, ...given }: Content): RecordFigures {
  return {
    ...given,
    ...place.route,
    recordId: record.id,
    country: record.country,
    agencyId: OWNERS[record.country as Owner],
    scene: place.scene,
    unitId: place.unitId,
    source: place.unitId ? 'PORT_UNIT' : 'COORDINATOR',
    detectedAt: new Date(detectedAt),
  };
}

/** An operation of records that were logged once, at a site in Kenya unless told otherwise. */
export function operationOf(given: readonly Partial<RecordFigures>[]): RandomOperation {
  const figures = given.map((part) => ({ ...AT_A_SITE, ...part, recordId: v7() }));
  return {
    id: v7(),
    records: figures.map(({ recordId, country }) => ({ id: recordId, country, sharing: 'GREEN' })),
    entries: figures.map((record, index) => ({ position: index + 1, recordId: record.recordId, figures: record })),
  };
}

const AT_A_SITE: Omit<RecordFigures, 'recordId'> = {
  country: 'KE',
  agencyId: OWNERS.KE,
  unitId: null,
  source: 'COORDINATOR',
  detectedAt: new Date('2017-06-14T09:00:00Z'),
  day: '2017-06-14',
  late: false,
  crimeArea: 'POLLUTION',
  nature: 'CRIMINAL',
  scene: 'SITE',
  ...noRoute,
  flagState: null,
  detection: 'CHANCE',
  concernedCountries: ['KE'],
  riskIndicators: [],
  persons: 1,
  companies: 0,
  lines: [
    { agreement: 'BASEL', commodity: 'household-waste', quantityKg: '12.5', valueUsd: null, valueEstimated: true },
  ],
};
