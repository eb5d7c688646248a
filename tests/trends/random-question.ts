import fc from 'fast-check';
import {
  Agreement,
  CrimeArea,
  DetectionMethod,
  OffenceNature,
  RegionScheme,
  Scene,
  TradeDirection,
  TransportMode,
} from '#reference';
import { TrendDimension, TrendMeasure, type ViolationFilter, ViolationSource } from '#trends';

import { COARSE } from './naive-recount.js';
import { COMMODITIES, ENDS, INSTANTS, OWNERS, UNITS } from './random-operation.js';
import type { Viewer } from './who-sees.js';

const some = <T>(...values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values]);
/** Most questions filter by few things, or nothing would be left. */
const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });

const filter: fc.Arbitrary<ViolationFilter> = fc.record({
  countries: rarely(some('KE', 'TZ', 'DE')),
  agencyIds: rarely(some(...Object.values(OWNERS))),
  unitIds: rarely(some(...UNITS)),
  crimeAreas: rarely(some(CrimeArea.POLLUTION, CrimeArea.WILDLIFE)),
  natures: rarely(some(...Object.values(OffenceNature))),
  agreements: fc.option(some(Agreement.BASEL, Agreement.CITES), { freq: 1 }),
  commodities: fc.option(some(...COMMODITIES), { freq: 1 }),
  scenes: rarely(some(Scene.CONSIGNMENT, Scene.SITE)),
  transportModes: rarely(some(TransportMode.MARITIME, TransportMode.ROAD)),
  directions: rarely(some(TradeDirection.IMPORT, TradeDirection.EXPORT)),
  origins: rarely(some(...ENDS)),
  destinations: rarely(some(...ENDS)),
  concerning: rarely(some('KE', 'TZ', 'FR')),
  detections: rarely(some(DetectionMethod.CHANCE, DetectionMethod.INTELLIGENCE)),
  detectedFrom: rarely(fc.constantFrom(...INSTANTS).map((instant) => new Date(instant))),
  detectedTo: rarely(fc.constantFrom(...INSTANTS).map((instant) => new Date(instant))),
  late: rarely(fc.boolean()),
  source: rarely(fc.constantFrom(...Object.values(ViolationSource))),
  withdrawn: fc.constant(false),
  exercise: fc.constant(false),
});

const dimensionsOf = (measure: TrendMeasure): TrendDimension[] =>
  Object.values(TrendDimension).filter((dimension) => {
    if (dimension === TrendDimension.RISK_INDICATOR) return measure === TrendMeasure.VIOLATIONS;
    const isOfLine = dimension === TrendDimension.AGREEMENT || dimension === TrendDimension.COMMODITY;
    return !isOfLine || ![TrendMeasure.PERSONS, TrendMeasure.COMPANIES].includes(measure);
  });

/** Of a log's length. In steps, as most random fractions lie close to nothing. */
export const share = fc.integer({ min: 0, max: 40 }).map((steps) => steps / 40);
const at = fc.option(share);

/** A question of two operations, and the positions at which it is asked, as shares of the log's length; null for now. */
export const question = fc.constantFrom(TrendMeasure.VIOLATIONS, ...Object.values(TrendMeasure)).chain((measure) => {
  const all = dimensionsOf(measure);
  // What belongs to a line, or to several cells at once, is where counting goes wrong.
  const intricate = all.filter((dimension) => /AGREEMENT|COMMODITY|RISK|FLOW/.test(dimension));
  return fc.record({
    measure: fc.constant(measure),
    groupBy: fc.oneof(
      fc.shuffledSubarray(all, { maxLength: 3 }),
      fc.shuffledSubarray(intricate, { maxLength: Math.min(3, intricate.length) }),
    ),
    filter: fc.option(filter, { freq: 1 }),
    regionScheme: fc.constantFrom(...Object.values(RegionScheme)),
    at: fc.tuple(at, at),
    viewer: fc.constantFrom<Viewer>('hub', 'hub', 'coordinator of KE', 'officer of KE', 'observer'),
  });
});
export type Asked = typeof question extends fc.Arbitrary<infer T> ? T : never;

/** Questions that hidden records enter, and some that they do not. */
export const coarseQuestion = fc.record({
  measure: fc.constantFrom(...Object.values(TrendMeasure)),
  groupBy: fc.oneof(
    { weight: 4, arbitrary: fc.shuffledSubarray([...COARSE], { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.shuffledSubarray([...COARSE, TrendDimension.DAY, TrendDimension.SCENE], { maxLength: 3 }),
    },
  ),
  filter: fc.record({
    countries: rarely(some('KE', 'TZ', 'DE')),
    crimeAreas: rarely(some(CrimeArea.POLLUTION, CrimeArea.WILDLIFE)),
    natures: rarely(some(...Object.values(OffenceNature))),
    detections: rarely(some(DetectionMethod.CHANCE)),
  }),
  regionScheme: fc.constant(RegionScheme.M49_REGION),
  at: fc.tuple(at, at),
  viewer: fc.constantFrom<Viewer>('hub', 'coordinator of KE', 'officer of KE', 'observer', 'observer'),
});
