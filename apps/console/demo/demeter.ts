import { OperationKind } from '#operations';
import { addDays, dayIn } from '#platform';
import { CrimeArea } from '#reference';

import { demoRiskIndicators } from './finds.js';
import { minutesAfter } from './local-time.js';
import type { DemoOperation } from './records.js';

const timeZone = 'Europe/Brussels';

/** Demeter (demo): in preparation, with open invitations; its window lies ahead of the first start. */
export function demeter(firstStart: Date): DemoOperation {
  const today = dayIn(timeZone, firstStart);
  return {
    key: 'DEMETER',
    input: {
      kind: OperationKind.TIME_BOUND,
      codeName: 'Demeter (demo)',
      objectives:
        'Customs and their partners stop waste, ozone-depleting gases, protected animals, plants and timber at the border. ' +
        'Everything in this demo is invented for illustration.',
      crimeAreas: [CrimeArea.WILDLIFE, CrimeArea.FORESTRY, CrimeArea.POLLUTION, CrimeArea.OZONE],
      timeZone,
      operationalStartsOn: addDays(today, 60),
      operationalEndsOn: addDays(today, 81),
      reportingDeadline: addDays(today, 111),
    },
    riskIndicators: demoRiskIndicators.slice(0, 16),
    participants: [],
    openInvitations: ['KE', 'TZ', 'ZA', 'OM', 'AE', 'NL', 'BR', 'DE', 'IN', 'ID', 'MX', 'NG'],
    timeline: { createdAt: minutesAfter(firstStart, -20 * 24 * 60) },
  };
}
