import { AgencyKind } from '#identity';
import { OperationKind } from '#operations';
import { addDays, dayIn } from '#platform';
import { CrimeArea, DetectionMethod, OffenceNature, QuantityUnit, Scene, TransportMode } from '#reference';
import { InformationGrade, SharingLevel, SourceGrade, UseRestriction } from '#reports';

import { inventedLine } from './amounts.js';
import { coordinatorCountries, demoCountry, seaCountries, type DemoCountry } from './countries.js';
import { demoId, Dice } from './dice.js';
import { demoRiskIndicators, numbered, seizure, vessel, type Find, type FindSetting } from './finds.js';
import {
  cargoOffences,
  containerFinds,
  marketOffences,
  portOffences,
  shipOffences,
  shoreOffences,
  type Good,
} from './goods.js';
import { earlierOf, instantAt, minutesAfter } from './local-time.js';
import { agencyKey, coordinatorKey, participant } from './people.js';
import { portPlace, shorePlace } from './places.js';
import type {
  DemoOperation,
  DemoSeizure,
  DemoViolation,
  GradingInput,
  LineInput,
  PlaceInput,
  SharingInput,
  VesselInput,
  ViolationInput,
} from './records.js';
import { consignment, countryName, journey, type Journey } from './shipments.js';
import { UnitNumbers } from './unit-numbers.js';

const timeZone = 'Etc/UTC';
const daysBefore = 10;
const windowDays = 30;
const daysToReport = 45;

/** The last operational day and the reporting deadline, for a start on that day: as far ahead as at the first start. */
export function seaEnds(startedAt: Date): { operationalEndsOn: string; reportingDeadline: string } {
  const operationalEndsOn = addDays(dayIn(timeZone, startedAt), windowDays - daysBefore - 1);
  return { operationalEndsOn, reportingDeadline: addDays(operationalEndsOn, daysToReport) };
}

const seaStart = (firstStart: Date): string => addDays(dayIn(timeZone, firstStart), -daysBefore);

/** 30 Days at Sea (demo): its window begins 10 days before the day of the first start and lasts 30. */
export function thirtyDaysAtSea(firstStart: Date): DemoOperation {
  const operationalStartsOn = seaStart(firstStart);
  const opening = instantAt(operationalStartsOn, 1, timeZone);
  return {
    key: 'SEA',
    input: {
      kind: OperationKind.TIME_BOUND,
      codeName: '30 Days at Sea (demo)',
      objectives:
        'Find and stop pollution from ships, from land into the sea and through ports, and the offences that travel with it. ' +
        'Everything in this demo, the list of its 58 countries included, is invented for illustration.',
      crimeAreas: [CrimeArea.POLLUTION, CrimeArea.FISHERIES, CrimeArea.WILDLIFE, CrimeArea.OZONE],
      timeZone,
      operationalStartsOn,
      ...seaEnds(firstStart),
    },
    riskIndicators: demoRiskIndicators,
    participants: seaCountries.map(participant),
    openInvitations: [],
    timeline: {
      createdAt: minutesAfter(opening, -75 * 24 * 60),
      answeredAt: minutesAfter(opening, -40 * 24 * 60),
      operationalAt: opening,
    },
  };
}

/** Kenya sees most, the other six coordinators' countries some, and everybody else a few. */
function recordsOf(country: string): number {
  if (country === 'KE') return 44;
  return coordinatorCountries.includes(country) ? 8 : 4;
}

const goodsOf: Readonly<Partial<Record<Scene, readonly Good[]>>> = {
  [Scene.VESSEL]: shipOffences,
  [Scene.COAST]: shoreOffences,
  [Scene.WATERWAY]: shoreOffences,
  [Scene.SITE]: portOffences,
  [Scene.CONSIGNMENT]: cargoOffences,
  [Scene.MARKET]: marketOffences,
  [Scene.ONLINE]: marketOffences,
};

interface Case {
  readonly scene: Scene;
  readonly country: DemoCountry;
  readonly good: Good;
  readonly journey: Journey | undefined;
  readonly nature: OffenceNature;
}

/**
 * The violations of the days before the first start, in the order in which they are recorded; for one first start always the same. Nothing
 * is detected later than a quarter of an hour before it.
 */
export function seaViolations(firstStart: Date): DemoViolation[] {
  const dice = new Dice(`30 Days at Sea/${firstStart.getTime()}`);
  const numbers = new UnitNumbers(dice, 300_000);
  const opening = instantAt(seaStart(firstStart), 5, timeZone);
  const last = minutesAfter(firstStart, -15);
  const countries = seaCountries.flatMap((code) => Array.from({ length: recordsOf(code) }, () => demoCountry(code)));
  return countries
    .map((country): DemoViolation => {
      const it = drafted(dice, country);
      const detectedAt = between(dice, opening, last);
      const receivedAt = earlierOf(minutesAfter(detectedAt, dice.whole(5, 600)), minutesAfter(firstStart, -1));
      const line = inventedLine(dice, it.good);
      const input: ViolationInput = {
        id: '',
        scene: it.scene,
        detectedAt,
        timeZone: country.timeZone,
        place: place(dice, it),
        crimeArea: it.good.crimeArea,
        nature: it.nature,
        detection: detectionMethod(dice, it.scene),
        ...(it.journey ? { consignment: consignment(dice, numbers, it.journey, kgOf(line)) } : {}),
        ...ship(dice, numbers, it),
        lines: [line],
        persons: it.nature === OffenceNature.CRIMINAL ? dice.whole(0, 4) : 0,
        companies: dice.whole(0, 1),
        sharing: sharing(dice, country.code),
        useRestriction: dice.chance(0.06) ? UseRestriction.NO_ONWARD : UseRestriction.NONE,
        ...grading(dice),
        narrative: narrative(dice, it),
        exercise: false,
      };
      const agency = agencyOf(dice, it);
      const authorKey = agency === 'KE/COAST_GUARD' ? 'agency-officer/KE' : coordinatorKey(country.code);
      return { country: country.code, agencyKey: agency, authorKey, receivedAt, input };
    })
    .sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime())
    .map((record, counter) => ({
      ...record,
      input: { ...record.input, id: demoId('SEA', record.receivedAt, counter) },
    }));
}

/**
 * Twelve reports of the unit of Mombasa in the order in which they arrive: nine are accepted, one of them with a container whose remainder
 * is 10; two name a container of the days before again, and one is really marked with a wrong check digit, so they wait for a decision.
 */
export function seaSeizures(firstStart: Date): DemoSeizure[] {
  const dice = new Dice(`30 Days at Sea/seizures/${firstStart.getTime()}`);
  const numbers = new UnitNumbers(dice, 500_000);
  const setting: FindSetting = { operation: 'SEA', dice, numbers, until: minutesAfter(firstStart, -1) };
  const opening = instantAt(seaStart(firstStart), 60, timeZone);
  const last = minutesAfter(firstStart, -15);
  // Twelve equal pieces of the time up to the first start, so that a repeat always follows what it repeats, within days.
  const at = (piece: number): Date => {
    const minutes = Math.floor((last.getTime() - opening.getTime()) / 60_000 / 12);
    // Reports arrive up to three hours after the detection.
    return minutesAfter(opening, minutes * piece + dice.whole(0, minutes - 200));
  };
  const find = (piece: number): Find =>
    containerFinds[(piece * 5) % containerFinds.length] ?? dice.pick(containerFinds);
  const clean = (piece: number): DemoSeizure => seizure(setting, find(piece), at(piece));
  const [early, later] = [clean(1), clean(6)];
  const again = (piece: number, earlier: DemoSeizure): DemoSeizure =>
    seizure(setting, find(piece), at(piece), { cargoUnit: { ...earlier.input.cargoUnit }, settles: 'NEEDS_REVIEW' });
  const container = numbers.container();
  const wrongDigit = container.slice(0, -1) + String((Number(container.slice(-1)) + 1) % 10);
  const reports = [
    clean(0),
    early,
    clean(2),
    again(3, early),
    clean(4),
    seizure(setting, find(5), at(5), { cargoUnit: { container: numbers.containerOfRemainderTen(), asMarked: false } }),
    later,
    seizure(setting, find(7), at(7), {
      cargoUnit: { container: wrongDigit, asMarked: true },
      settles: 'NEEDS_REVIEW',
      marksWrong: true,
    }),
    again(8, later),
    clean(9),
    clean(10),
    clean(11),
  ];
  return numbered('SEA', reports);
}

function drafted(dice: Dice, country: DemoCountry): Case {
  const scene = dice.weighted([
    [Scene.VESSEL, 34],
    [Scene.CONSIGNMENT, 22],
    [Scene.SITE, 16],
    [Scene.COAST, 12],
    [Scene.WATERWAY, 10],
    [Scene.MARKET, 3],
    [Scene.ONLINE, 3],
  ]);
  const nature = dice.weighted([
    [OffenceNature.CRIMINAL, 38],
    [OffenceNature.ADMINISTRATIVE, 52],
    [OffenceNature.UNDETERMINED, 10],
  ]);
  const good = dice.pick(goodsOf[scene] ?? shoreOffences);
  return {
    scene,
    country,
    good,
    journey: scene === Scene.CONSIGNMENT ? bySea(journey(dice, country)) : undefined,
    nature,
  };
}

/** What is found in a port came or goes by sea. */
const bySea = (way: Journey): Journey => ({ ...way, mode: TransportMode.MARITIME });

/** A whole minute between two instants, both included. */
function between(dice: Dice, from: Date, to: Date): Date {
  const minutes = Math.floor((to.getTime() - from.getTime()) / 60_000);
  return minutesAfter(from, dice.whole(0, minutes));
}

function kgOf(line: LineInput): number {
  if (line.netWeightKg) return Number(line.netWeightKg);
  if (line.unit === QuantityUnit.TONNE) return Number(line.quantity) * 1000;
  return line.unit === QuantityUnit.CUBIC_METRE ? Number(line.quantity) * 900 : Number(line.quantity);
}

function place(dice: Dice, { scene, country }: Case): PlaceInput {
  switch (scene) {
    case Scene.VESSEL:
      return dice.chance(0.08)
        ? { name: 'High seas, position with the reporting agency' }
        : portPlace(dice, country, dice.pick(['outer anchorage', 'berth', 'roads']));
    case Scene.COAST:
      return shorePlace(dice, country, dice.pick(['Beach', 'Mangroves', 'Rocks below the cliffs']));
    case Scene.WATERWAY:
      return shorePlace(dice, country, dice.pick(['Harbour basin', 'River mouth', 'Fairway']));
    case Scene.ONLINE:
      return { name: 'Offer online, place not known' };
    case Scene.MARKET:
      return portPlace(dice, country, 'waterfront market');
    case Scene.SITE:
      return portPlace(dice, country, dice.pick(['ship repair yard', 'reception facility', 'store behind the quay']));
    default:
      return portPlace(dice, country);
  }
}

function ship(dice: Dice, numbers: UnitNumbers, { scene, good, country }: Case): { vessel?: VesselInput } {
  if (scene === Scene.CONSIGNMENT) return dice.chance(0.5) ? { vessel: vessel(dice, numbers) } : {};
  if (scene !== Scene.VESSEL) return {};
  if (good.crimeArea !== CrimeArea.FISHERIES || dice.chance(0.5)) return { vessel: vessel(dice, numbers) };
  // Small fishing vessels have no number, and some show no flag.
  return {
    vessel: {
      name: `DEMO ${dice.pick(['SARDINE', 'MACKEREL', 'SNAPPER'])} ${dice.whole(1, 90)}`,
      flag: dice.chance(0.2) ? 'ZZ' : country.code,
    },
  };
}

function detectionMethod(dice: Dice, scene: Scene): DetectionMethod {
  if (scene === Scene.ONLINE) return DetectionMethod.SURVEILLANCE;
  return dice.weighted([
    [DetectionMethod.ROUTINE_CHECK, 38],
    [DetectionMethod.SURVEILLANCE, 22],
    [DetectionMethod.RISK_PROFILE, scene === Scene.CONSIGNMENT ? 40 : 10],
    [DetectionMethod.COMPLAINT, 12],
    [DetectionMethod.INTELLIGENCE, 10],
    [DetectionMethod.CHANCE, 4],
  ]);
}

function sharing(dice: Dice, owner: string): SharingInput {
  const level = dice.weighted([
    [SharingLevel.GREEN, 62],
    [SharingLevel.AMBER, 27],
    [SharingLevel.AMBER_STRICT, 4],
    [SharingLevel.CLEAR, 7],
  ]);
  const another = (): string => dice.pick(seaCountries.filter((code) => code !== owner));
  if (level === SharingLevel.AMBER && dice.chance(0.35)) return { level, addCountries: [another()] };
  if (level === SharingLevel.GREEN && dice.chance(0.02)) return { level, leaveOutCountries: [another()] };
  return { level };
}

function grading(dice: Dice): { grading?: GradingInput } {
  if (!dice.chance(0.5)) return {};
  const source = dice.pick([SourceGrade.A, SourceGrade.B, SourceGrade.B, SourceGrade.C, SourceGrade.X]);
  const information = dice.pick([
    InformationGrade.ONE,
    InformationGrade.TWO,
    InformationGrade.THREE,
    InformationGrade.FOUR,
  ]);
  return { grading: { source, information } };
}

function agencyOf(dice: Dice, { scene, country }: Case): string {
  if (scene === Scene.CONSIGNMENT) return agencyKey(country.code, 'CUSTOMS');
  if (scene === Scene.SITE || scene === Scene.MARKET) return agencyKey(country.code, 'ENVIRONMENT');
  if (scene === Scene.ONLINE) return agencyKey(country.code, 'POLICE');
  if (country.lead === AgencyKind.FISHERIES || country.lead === AgencyKind.NAVY)
    return agencyKey(country.code, country.lead);
  return agencyKey(country.code, dice.chance(0.8) ? 'COAST_GUARD' : 'ENVIRONMENT');
}

function narrative(dice: Dice, { scene, good, journey: way }: Case): string {
  const { words } = good;
  const opening = ((): string => {
    switch (scene) {
      case Scene.VESSEL:
        return dice.pick([
          `Boarding showed ${words}.`,
          `Port State inspection: ${words}.`,
          `Seen from the air and checked on board: ${words}.`,
        ]);
      case Scene.COAST:
        return dice.pick([`Patrol on foot found ${words}.`, `Reported from the shore: ${words}.`]);
      case Scene.WATERWAY:
        return dice.pick([`Harbour patrol found ${words}.`, `Seen from the quay: ${words}.`]);
      case Scene.MARKET:
        return `Stall offered ${words}.`;
      case Scene.ONLINE:
        return `Offer of ${words}, with delivery by post.`;
      case Scene.CONSIGNMENT:
        return `Load from ${countryName(way?.route.origin ?? 'ZZ')} to ${countryName(way?.route.destination ?? 'ZZ')} held ${words}.`;
      default:
        return dice.pick([`Visit to the yard found ${words}.`, `Store held ${words} without papers.`]);
    }
  })();
  const end = dice.pick([
    'Samples taken.',
    'Follow-up with the flag State asked for.',
    'Report goes to the competent authority.',
    'Case is being prepared.',
  ]);
  return `${opening} ${end} Invented for illustration.`;
}
