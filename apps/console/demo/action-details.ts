import { AgencyKind } from '#identity';
import { dayIn } from '#platform';
import { DetectionMethod, OffenceNature, Scene, TransportMode } from '#reference';
import { InformationGrade, SharingLevel, SourceGrade } from '#reports';

import type { Case } from './action-cases.js';
import type { Dice } from './dice.js';
import { minutesAfter } from './local-time.js';
import { agencyKey } from './people.js';
import { inlandPlace, portPlace, shorePlace } from './places.js';
import type { GradingInput, PlaceInput, SharingInput, ViolationInput } from './records.js';
import { countryName, type Journey } from './shipments.js';

/** For some sites: since when it went on, and until when. */
export function offencePeriod(
  dice: Dice,
  { scene }: Case,
  detectedAt: Date,
): Pick<ViolationInput, 'offenceFrom' | 'offenceTo'> {
  if (scene !== Scene.SITE || !dice.chance(0.35)) return {};
  const offenceTo = dayIn('UTC', minutesAfter(detectedAt, -24 * 60 * dice.whole(1, 20)));
  const offenceFrom = dayIn('UTC', minutesAfter(detectedAt, -24 * 60 * dice.whole(40, 700)));
  return { offenceFrom, offenceTo };
}

const sites = [
  'Car dismantling yard',
  'Scrap yard',
  'Former quarry',
  'Farm land by a main road',
  'Disused factory',
  'Unlicensed store',
];

/** Where it was found. */
export function place(dice: Dice, { scene, country, journey: way }: Case): PlaceInput {
  switch (scene) {
    case Scene.CONSIGNMENT:
      return way?.mode === TransportMode.MARITIME
        ? portPlace(dice, country)
        : inlandPlace(dice, country, dice.pick(['Weighbridge', 'Inland terminal', 'Road check']));
    case Scene.WATERWAY:
      return country.ports.length > 0
        ? shorePlace(dice, country, 'Harbour basin')
        : inlandPlace(dice, country, 'River bank');
    case Scene.COAST:
      return shorePlace(dice, country, 'Shore');
    case Scene.ONLINE:
      return inlandPlace(dice, country, 'Address given in an offer online');
    default:
      return inlandPlace(dice, country, scene === Scene.MARKET ? 'Market for spare parts' : dice.pick(sites));
  }
}

export function detectionMethod(dice: Dice, scene: Scene): DetectionMethod {
  if (scene === Scene.CONSIGNMENT) {
    return dice.weighted([
      [DetectionMethod.RISK_PROFILE, 45],
      [DetectionMethod.ROUTINE_CHECK, 35],
      [DetectionMethod.INTELLIGENCE, 20],
    ]);
  }
  if (scene === Scene.ONLINE) return DetectionMethod.SURVEILLANCE;
  return dice.weighted([
    [DetectionMethod.ROUTINE_CHECK, 40],
    [DetectionMethod.COMPLAINT, 25],
    [DetectionMethod.INTELLIGENCE, 20],
    [DetectionMethod.SURVEILLANCE, 10],
    [DetectionMethod.CHANCE, 5],
  ]);
}

/** Seen by all who take part, so that each of them is shown the exact totals. */
export function sharing(dice: Dice): SharingInput {
  return { level: dice.chance(0.14) ? SharingLevel.CLEAR : SharingLevel.GREEN };
}

export function grading(dice: Dice): { grading?: GradingInput } {
  if (!dice.chance(0.4)) return {};
  const source = dice.pick([SourceGrade.A, SourceGrade.A, SourceGrade.B]);
  return {
    grading: { source, information: dice.pick([InformationGrade.ONE, InformationGrade.ONE, InformationGrade.TWO]) },
  };
}

export function agencyOf(dice: Dice, { scene, country }: Case): string {
  if (country.lead !== AgencyKind.ENVIRONMENT && dice.chance(0.5)) return agencyKey(country.code, country.lead);
  if (scene === Scene.CONSIGNMENT) return agencyKey(country.code, dice.chance(0.75) ? 'CUSTOMS' : 'ENVIRONMENT');
  return agencyKey(country.code, dice.chance(0.65) ? 'ENVIRONMENT' : 'POLICE');
}

/** Short, varied, and without a word on natural persons. */
export function narrative(dice: Dice, { scene, nature, goods, journey: way }: Case): string {
  const what = goods.map((good) => good.words).join(' and ');
  const end = dice.pick(
    {
      [OffenceNature.CRIMINAL]: ['Criminal case opened.', 'Handed to the prosecution.', 'Goods held as evidence.'],
      [OffenceNature.ADMINISTRATIVE]: [
        'Clean-up ordered.',
        'Administrative fine in preparation.',
        'Warning given, follow-up visit planned.',
      ],
      [OffenceNature.UNDETERMINED]: ['Samples are with the laboratory.', 'Papers are being checked.'],
    }[nature],
  );
  return `${opening(dice, scene, what, way)} ${end} Invented for illustration.`;
}

function opening(dice: Dice, scene: Scene, what: string, way: Journey | undefined): string {
  if (way) {
    const from = countryName(way.route.origin);
    const to = countryName(way.route.destination);
    return dice.pick([
      `Load from ${from} to ${to} opened: ${what}, declared as used spare parts.`,
      `Papers for ${to} named second-hand goods; the load from ${from} was ${what}.`,
      `No notification for ${what} sent from ${from} to ${to}.`,
      `Scan and weight did not fit the papers; found ${what} on the way from ${from} to ${to}.`,
    ]);
  }
  switch (scene) {
    case Scene.WATERWAY:
      return dice.pick([`Sheen on the water traced to ${what}.`, `Patrol on the water found ${what}.`]);
    case Scene.COAST:
      return `Washed up or dumped on the shore: ${what}.`;
    case Scene.MARKET:
      return `Stalls offered ${what} without a permit.`;
    case Scene.ONLINE:
      return `An offer of ${what} without a permit led to a store.`;
    default:
      return dice.pick([
        `Inspection of a yard found ${what} on open ground, without a permit.`,
        `Old heaps of ${what}, partly burned, far beyond what the permit allows.`,
        `Store held ${what} that had been booked as delivered to a licensed plant.`,
        `A complaint led to ${what} buried on the site.`,
      ]);
  }
}
