import { readConfig } from '#platform';
import { RetentionRun } from '#reports';

import { type Command, expectArguments } from '../command.js';
import { withServices } from '../context.js';

export const retention: Command = {
  usage: 'retention',
  does: 'Notices what is due, and anonymises or erases what its time has come for; exit code 1 where figures forbid it.',
  async run(args) {
    expectArguments(args, 0, 0);
    const { noticed, anonymised, erased, refused } = await withServices(readConfig(), (services) =>
      services.get(RetentionRun).run(),
    );
    console.log(`${noticed} operations newly due; ${anonymised} records anonymised, ${erased} erased.`);
    for (const id of refused) console.log(`operation ${id}: its figures differ from its records: see recount ${id}`);
    return refused.length === 0 ? 0 : 1;
  },
};
