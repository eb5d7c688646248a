import { OperationKind } from '#operations';
import { CrimeArea } from '#reference';

import { Dice } from './dice.js';
import { demoRiskIndicators, numbered, seizure, type FindSetting } from './finds.js';
import { containerFinds } from './goods.js';
import { instantAt, minutesAfter } from './local-time.js';
import { agencyKey, containerControlStart, coordinatorKey } from './people.js';
import type { DemoOperation, DemoSeizure } from './records.js';
import { UnitNumbers } from './unit-numbers.js';

const timeZone = 'Africa/Nairobi';
const reports = 30;
const daysOfReports = 180;

/** Container control (demo): the standing operation of the port units, two years old at the first start. */
export function containerControl(firstStart: Date): DemoOperation {
  const operationalStartsOn = containerControlStart(firstStart);
  const opening = instantAt(operationalStartsOn, 60, timeZone);
  return {
    key: 'CONTAINER',
    input: {
      kind: OperationKind.STANDING,
      codeName: 'Container control (demo)',
      objectives:
        'Joint port units profile and open containers all year: wildlife, timber, waste, gases, drugs and arms. ' +
        'Everything in this demo is invented for illustration.',
      crimeAreas: [
        CrimeArea.WILDLIFE,
        CrimeArea.FORESTRY,
        CrimeArea.POLLUTION,
        CrimeArea.OZONE,
        CrimeArea.CHEMICALS,
        CrimeArea.DRUGS,
        CrimeArea.ARMS,
        CrimeArea.OTHER,
      ],
      timeZone,
      operationalStartsOn,
    },
    riskIndicators: demoRiskIndicators,
    participants: ['KE', 'TZ', 'ZA'].map((country) => ({
      country,
      leadAgencyKey: agencyKey(country, 'CUSTOMS'),
      coordinatorKeys: [coordinatorKey(country)],
    })),
    openInvitations: [],
    timeline: {
      createdAt: minutesAfter(opening, -60 * 24 * 60),
      answeredAt: minutesAfter(opening, -30 * 24 * 60),
      operationalAt: opening,
    },
  };
}

/** Thirty accepted reports of the unit of Mombasa over the half year before the first start, in the order in which they arrive. */
export function containerControlSeizures(firstStart: Date): DemoSeizure[] {
  const dice = new Dice(`Container control/${firstStart.getTime()}`);
  const numbers = new UnitNumbers(dice, 700_000);
  const setting: FindSetting = { operation: 'CONTAINER', dice, numbers, until: minutesAfter(firstStart, -1) };
  const minutesApart = Math.floor((daysOfReports * 24 * 60) / reports);
  const finds = [...dice.shuffled(containerFinds), ...dice.shuffled(containerFinds)].slice(0, reports);
  const begin = new Date(Math.floor(minutesAfter(firstStart, -daysOfReports * 24 * 60).getTime() / 60_000) * 60_000);
  return numbered(
    'CONTAINER',
    finds.map((find, piece) =>
      // The last quarter of each piece stays free, so that the newest report, too, lies well before the first start.
      seizure(
        setting,
        find,
        minutesAfter(begin, piece * minutesApart + dice.whole(0, Math.floor(minutesApart * 0.75))),
      ),
    ),
  );
}
