import { CrimeArea, DetectionMethod, OffenceNature, QuantityUnit, TradeDirection, TransportMode } from '#reference';
import { InformationGrade, SharingLevel, SourceGrade, UseRestriction } from '#reports';

import { inventedLine } from './amounts.js';
import type { Dice } from './dice.js';
import { demoId } from './dice.js';
import { containerFinds } from './goods.js';
import { earlierOf, minutesAfter } from './local-time.js';
import { mombasaUnit } from './people.js';
import type { CargoUnitInput, DemoSeizure, OperationKey, RouteInput } from './records.js';
import type { UnitNumbers } from './unit-numbers.js';

export type Find = (typeof containerFinds)[number];

/** The vocabulary that the operations with a port unit choose; all of it is seeded with the reference data. */
export const demoRiskIndicators: readonly string[] = [
  'carrier.late-booking',
  'consignee.earlier-offence',
  'consignee.licence-lacking',
  'consignee.new-without-history',
  'consignee.unknown-at-address',
  'container.dog-alert',
  'container.image-anomaly',
  'container.marks-wrong',
  'container.seal-broken',
  'container.structure-altered',
  'documents.contradictory',
  'documents.permit-doubtful',
  'documents.permit-missing',
  'documents.second-hand-label',
  'documents.vague-description',
  'goods.cover-load-perishable',
  'goods.cover-load-timber',
  'goods.cylinders-unmarked',
  'goods.precursor-pattern',
  'goods.scrap-mixed',
  'goods.species-look-alike',
  'goods.weight-does-not-fit',
  'intelligence.online-offer',
  'intelligence.partner-alert',
  'route.free-zone-relabelled',
  'route.known-corridor',
  'route.no-return-for-goods',
  'route.unusual-transit',
  'vessel.tracking-gap',
];

const officers: Readonly<Partial<Record<CrimeArea, string>>> = {
  [CrimeArea.WILDLIFE]: 'unit-officer/wildlife',
  [CrimeArea.FORESTRY]: 'unit-officer/wildlife',
  [CrimeArea.DRUGS]: 'unit-officer/police',
  [CrimeArea.ARMS]: 'unit-officer/police',
};

const agencyOfOfficer: Readonly<Record<string, string>> = {
  'unit-officer/customs': 'KE/CUSTOMS',
  'unit-officer/police': 'KE/NARCOTICS',
  'unit-officer/wildlife': 'KE/WILDLIFE',
};

const indicatorsOf: Readonly<Partial<Record<CrimeArea, readonly string[]>>> = {
  [CrimeArea.WILDLIFE]: [
    'goods.cover-load-perishable',
    'route.known-corridor',
    'container.image-anomaly',
    'container.dog-alert',
  ],
  [CrimeArea.FORESTRY]: [
    'goods.species-look-alike',
    'documents.permit-missing',
    'goods.cover-load-timber',
    'documents.permit-doubtful',
  ],
  [CrimeArea.POLLUTION]: [
    'documents.second-hand-label',
    'goods.scrap-mixed',
    'consignee.licence-lacking',
    'route.no-return-for-goods',
  ],
  [CrimeArea.OZONE]: [
    'goods.cylinders-unmarked',
    'goods.weight-does-not-fit',
    'route.free-zone-relabelled',
    'intelligence.online-offer',
  ],
  [CrimeArea.DRUGS]: [
    'container.seal-broken',
    'intelligence.partner-alert',
    'goods.precursor-pattern',
    'container.dog-alert',
  ],
  [CrimeArea.ARMS]: ['container.image-anomaly', 'documents.vague-description', 'container.structure-altered'],
  [CrimeArea.OTHER]: ['consignee.new-without-history', 'documents.contradictory', 'intelligence.online-offer'],
};
const anyIndicator = [
  'carrier.late-booking',
  'consignee.earlier-offence',
  'consignee.new-without-history',
  'consignee.unknown-at-address',
  'documents.contradictory',
  'documents.vague-description',
  'goods.weight-does-not-fit',
  'route.unusual-transit',
  'vessel.tracking-gap',
];

/** What the reports of one operation have in common. */
export interface FindSetting {
  readonly operation: OperationKey;
  readonly dice: Dice;
  readonly numbers: UnitNumbers;
  /** Nothing is taken in after this instant. */
  readonly until: Date;
}

interface Special {
  readonly cargoUnit?: CargoUnitInput;
  readonly settles?: DemoSeizure['settles'];
  readonly marksWrong?: boolean;
}

/** One report of the unit of Mombasa; its id is given by {@link numbered}, when all reports stand in their order. */
export function seizure(
  { dice, numbers, until }: FindSetting,
  find: Find,
  detectedAt: Date,
  special: Special = {},
): DemoSeizure {
  const reporterKey = officers[find.crimeArea] ?? 'unit-officer/customs';
  const others = mombasaUnit.agencyKeys.filter((key) => key !== agencyOfOfficer[reporterKey]);
  const { direction, route } = journeyThroughMombasa(dice, find);
  const specific = indicatorsOf[find.crimeArea] ?? [];
  const riskIndicators = new Set([
    ...dice.shuffled(specific).slice(0, dice.whole(1, 2)),
    ...dice.shuffled(anyIndicator).slice(0, dice.whole(0, 2)),
    ...(special.marksWrong ? ['container.marks-wrong'] : []),
  ]);
  const crime = find.crimeArea === CrimeArea.DRUGS || find.crimeArea === CrimeArea.ARMS || dice.chance(0.7);
  return {
    country: 'KE',
    unitKey: mombasaUnit.key,
    reporterKey,
    agencyKeys: dice.shuffled(others).slice(0, dice.whole(0, 2)),
    receivedAt: earlierOf(minutesAfter(detectedAt, dice.whole(10, 180)), until),
    settles: special.settles ?? 'ACCEPTED',
    input: {
      id: '',
      cargoUnit: special.cargoUnit ?? { container: numbers.container(), asMarked: false },
      sizeType: dice.pick(['22G1', '42G1', '45G1', '45R1']),
      seals: [`DEMO${dice.whole(100_000, 999_999)}`],
      billOfLading: numbers.billOfLading(),
      vessel: vessel(dice, numbers),
      carrier: dice.pick(['Demo Ocean Lines', 'Demo Monsoon Shipping', 'Demo Dhow Feeder']),
      declaredGoods: find.declared,
      foundGoods: `${find.words}${dice.chance(0.5) ? `, behind ${find.declared.toLowerCase()}` : ''}`,
      riskIndicators: [...riskIndicators].sort(),
      detectedAt,
      timeZone: 'Africa/Nairobi',
      crimeArea: find.crimeArea,
      nature: crime ? OffenceNature.CRIMINAL : OffenceNature.ADMINISTRATIVE,
      detection: dice.weighted([
        [DetectionMethod.RISK_PROFILE, 70],
        [DetectionMethod.INTELLIGENCE, 20],
        [DetectionMethod.ROUTINE_CHECK, 10],
      ]),
      transportMode: TransportMode.MARITIME,
      direction,
      route,
      lines: [inventedLine(dice, find)],
      persons: crime ? dice.whole(0, 3) : 0,
      companies: dice.whole(0, 2),
      sharing: sharing(dice, find.crimeArea, route),
      useRestriction: find.crimeArea === CrimeArea.DRUGS ? UseRestriction.NO_ONWARD : UseRestriction.NONE,
      grading: {
        source: dice.pick([SourceGrade.A, SourceGrade.B]),
        information: dice.pick([InformationGrade.ONE, InformationGrade.TWO]),
      },
      narrative: `${dice.pick(['Scanned', 'Opened', 'Stripped'])} in the container yard; declared ${find.declared.toLowerCase()}, found ${find.words}. Invented for illustration.`,
      exercise: false,
    },
  };
}

/** The reports in the order in which they arrive, each with its id. */
export function numbered(operation: OperationKey, reports: readonly DemoSeizure[]): DemoSeizure[] {
  return [...reports]
    .sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime())
    .map((report, counter) => ({
      ...report,
      // Seizures count from where no violation of an operation does.
      input: { ...report.input, id: demoId(operation, report.receivedAt, 1_000_000 + counter) },
    }));
}

function journeyThroughMombasa(dice: Dice, find: Find): { direction: TradeDirection; route: RouteInput } {
  const fromAfrica = find.crimeArea === CrimeArea.WILDLIFE || find.crimeArea === CrimeArea.FORESTRY;
  if (fromAfrica) {
    const destination = dice.pick(['VN', 'TH', 'MY', 'AE', 'CN']);
    const origin = dice.pick(['KE', 'UG', 'CD', 'TZ', 'MG']);
    return origin === 'KE'
      ? { direction: TradeDirection.EXPORT, route: { origin, transit: dice.chance(0.5) ? ['SG'] : [], destination } }
      : { direction: TradeDirection.TRANSIT, route: { origin, transit: ['KE'], destination } };
  }
  const origin = dice.pick(
    find.unit === QuantityUnit.TONNE ? ['NL', 'GB', 'DE', 'AE'] : ['IN', 'PK', 'AE', 'BR', 'CN'],
  );
  return dice.chance(0.65)
    ? {
        direction: TradeDirection.IMPORT,
        route: { origin, transit: dice.chance(0.4) ? ['OM'] : [], destination: 'KE' },
      }
    : {
        direction: TradeDirection.TRANSIT,
        route: { origin, transit: ['KE'], destination: dice.pick(['UG', 'RW', 'SS', 'CD']) },
      };
}

function sharing(dice: Dice, area: CrimeArea, route: RouteInput): { level: SharingLevel; addCountries?: string[] } {
  if (area !== CrimeArea.DRUGS && dice.chance(0.6)) return { level: SharingLevel.GREEN };
  const addTanzania = dice.chance(0.3) && ![route.origin, route.destination].includes('TZ');
  return { level: SharingLevel.AMBER, ...(addTanzania ? { addCountries: ['TZ'] } : {}) };
}

/** An invented ship. */
export function vessel(dice: Dice, numbers: UnitNumbers): { imo: string; name: string; flag: string; voyage: string } {
  const name = `DEMO ${dice.pick(['ALBATROSS', 'BAOBAB', 'CORAL STAR', 'DUGONG', 'EASTERN TERN', 'FRANGIPANI', 'GANNET', 'HERON BAY', 'IBIS', 'JACARANDA'])}`;
  return {
    imo: numbers.imo(),
    name,
    flag: dice.pick(['PA', 'LR', 'MH', 'MT', 'CY', 'SG', 'GR', 'KE', 'TZ', 'PT', 'KM']),
    voyage: `D${dice.whole(100, 999)}${dice.pick(['N', 'S', 'E', 'W'])}`,
  };
}
