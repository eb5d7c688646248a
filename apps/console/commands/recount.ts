import { readConfig } from '#platform';
import { type Difference, Recount } from '#trends';

import { type Command, expectArguments } from '../command.js';
import { withServices } from '../context.js';

export const recount: Command = {
  usage: 'recount [OPERATION_ID [CURSOR]]',
  does: 'Recounts figures from the records and prints every difference; exit code 1 when there is any.',
  async run(args) {
    expectArguments(args, 0, 2);
    const [operationId, cursor] = args;
    const differences = await withServices(readConfig(), (services) => services.get(Recount).run(operationId, cursor));
    for (const difference of differences) console.log(worded(difference));
    console.log(
      differences.length === 0 ? 'The figures agree with the records.' : `${differences.length} differences.`,
    );
    return differences.length === 0 ? 0 : 1;
  },
};

function worded({ operationId, recordId, of, ledger, records }: Difference): string {
  const where = recordId === null ? 'total' : `record ${recordId}`;
  return `operation ${operationId}, ${where}, ${of}: ${ledger} in the figures, ${records} by the records`;
}
