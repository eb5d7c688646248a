import { Seizures } from '../../libs/reports/src/seizures/seizures.service.js';
import type { ReportSeizureInput } from '../../libs/reports/src/seizures/seizure.inputs.js';

// The api as it is, but that a report which has come through the door, signed in and checked, is answered and not stored.
Object.assign(Seizures.prototype, {
  report: (_actor: unknown, { id }: ReportSeizureInput) =>
    Promise.resolve({ id, status: 'RECEIVED', receivedAt: new Date() }),
});
await import('../../apps/api/main.js');
