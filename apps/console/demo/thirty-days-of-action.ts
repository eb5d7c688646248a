import { OperationKind } from '#operations';
import { dayIn } from '#platform';
import { CrimeArea } from '#reference';
import { UseRestriction } from '#reports';

import { companyWeight, drafted, personWeight, publishedTotals, valued, weighed } from './action-cases.js';
import { agencyOf, detectionMethod, grading, narrative, offencePeriod, place, sharing } from './action-details.js';
import { actionCountries, type DemoCountry } from './countries.js';
import { demoId, Dice, share } from './dice.js';
import { earlierOf, instantAt, minutesAfter } from './local-time.js';
import { coordinatorKey, participant } from './people.js';
import type { DemoFindings, DemoOperation, DemoViolation, ViolationInput } from './records.js';
import { consignment } from './shipments.js';
import { UnitNumbers } from './unit-numbers.js';

const timeZone = 'Europe/Paris';
const firstDay = '2017-06-01';
const lastDay = '2017-06-30';
/** The last instants at which something is found and recorded: well within the last operational day, so that nothing is late. */
const lastDetection = instantAt(lastDay, 22 * 60, timeZone);
const lastReceipt = instantAt(lastDay, 23 * 60 + 30, timeZone);

export const thirtyDaysOfAction: DemoOperation = {
  key: 'ACTION',
  input: {
    kind: OperationKind.TIME_BOUND,
    codeName: '30 Days of Action',
    objectives:
      'Find and stop illegal shipments and dumping of hazardous waste in June 2017, together with police, customs and environment ' +
      'agencies, and learn the routes it takes. The totals of this demo are those published. The single records, the list of countries ' +
      'other than the Netherlands and Ireland, and which eight were led by customs are invented for illustration.',
    crimeAreas: [CrimeArea.POLLUTION],
    timeZone,
    operationalStartsOn: firstDay,
    operationalEndsOn: lastDay,
    reportingDeadline: '2017-09-30',
  },
  riskIndicators: [],
  participants: actionCountries.map(participant),
  openInvitations: [],
  timeline: {
    createdAt: new Date('2017-02-06T09:00:00Z'),
    answeredAt: new Date('2017-03-20T10:00:00Z'),
    operationalAt: instantAt(firstDay, 1, timeZone),
    postOperationalAt: new Date('2017-07-03T08:00:00Z'),
    certifiedAt: new Date('2017-07-28T08:00:00Z'),
    findingsAt: new Date('2017-08-08T09:00:00Z'),
    closedAt: new Date('2017-10-02T09:00:00Z'),
  },
};

export const actionFindings: readonly DemoFindings[] = [
  {
    title: 'Results of 30 Days of Action, June 2017',
    text:
      '43 countries took part, 8 of them with customs in the lead. They found 664 criminal and administrative violations with an estimated ' +
      'value of USD 33 million and over 1.5 million tonnes of waste; 483 individuals and 264 companies were reported. The first results of ' +
      'August 2017 told 226 crimes and 413 administrative cases apart; the other 25 stay undetermined here. Of the crimes, 141 were ' +
      'shipments with 14,000 tonnes, and 85 were sites with over 1 million tonnes. These figures are published; the single records of this ' +
      'demo are invented for illustration.',
  },
  {
    title: 'What was found, and which ways it took',
    text:
      'Most of the waste in criminal cases was metal and electronic waste of the car trade. Most shipments moved by sea. The Middle East ' +
      'appears as a region of export; Latin America and the Caribbean appear at import, at export and within the region. By weight, sites ' +
      'outweigh shipments by far: who counts containers alone misses most of it. The single routes of this demo are invented for illustration.',
  },
];

/** The 664 violations, in the order in which they are recorded. The same on every call. */
export function actionViolations(): DemoViolation[] {
  const dice = new Dice('30 Days of Action');
  const numbers = new UnitNumbers(dice, 100_000);
  const all = weighed(dice, drafted(dice));
  const persons = share(
    publishedTotals.persons,
    all.map((it) => personWeight(it) * dice.next()),
  );
  const companies = share(
    publishedTotals.companies,
    all.map((it) => companyWeight(it) * dice.next()),
  );
  const values = valued(dice, all);
  return all
    .map((it, index): DemoViolation => {
      const detectedAt = detection(dice, it.country);
      const receivedAt = earlierOf(minutesAfter(detectedAt, dice.whole(45, 2400)), lastReceipt);
      const input: ViolationInput = {
        id: '',
        scene: it.scene,
        detectedAt,
        timeZone: it.country.timeZone,
        ...offencePeriod(dice, it, detectedAt),
        place: place(dice, it),
        crimeArea: CrimeArea.POLLUTION,
        nature: it.nature,
        detection: detectionMethod(dice, it.scene),
        ...(it.journey ? { consignment: consignment(dice, numbers, it.journey, it.kg) } : {}),
        lines: values[index] ?? [],
        persons: persons[index] ?? 0,
        companies: companies[index] ?? 0,
        sharing: sharing(dice),
        useRestriction: dice.chance(0.08) ? UseRestriction.NOT_IN_COURT : UseRestriction.NONE,
        ...grading(dice),
        narrative: narrative(dice, it),
        exercise: false,
      };
      return {
        country: it.country.code,
        agencyKey: agencyOf(dice, it),
        authorKey: coordinatorKey(it.country.code),
        receivedAt,
        input,
      };
    })
    .sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime())
    .map((record, counter) => ({
      ...record,
      input: { ...record.input, id: demoId('ACTION', record.receivedAt, counter) },
    }));
}

/** Some hour of a working day in the country. */
function detection(dice: Dice, country: DemoCountry): Date {
  const day = `2017-06-${String(dice.whole(1, 30)).padStart(2, '0')}`;
  return withinWindow(instantAt(day, dice.whole(6 * 60, 20 * 60), country.timeZone));
}

/** A morning far in the east, or an evening far in the west, may lie on another day in Paris: it is moved by one day. */
export function withinWindow(at: Date): Date {
  if (dayIn(timeZone, at) < firstDay) return minutesAfter(at, 24 * 60);
  return at > lastDetection ? minutesAfter(at, -24 * 60) : at;
}
