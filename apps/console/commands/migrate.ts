import { readConfig } from '#platform';

import { type Command, expectArguments } from '../command.js';
import { migrateDown, migrateUp } from '../migrations.js';

export const migrate: Command = {
  usage: 'migrate',
  does: 'Brings the database to the newest schema.',
  async run(args) {
    expectArguments(args, 0, 0);
    const names = await migrateUp(readConfig().databaseUrl);
    console.log(names.length > 0 ? `Migrated: ${names.join(', ')}` : 'The schema is the newest.');
  },
};

export const migrateBack: Command = {
  usage: 'migrate:down',
  does: 'Takes back every migration: nothing is left.',
  async run(args) {
    expectArguments(args, 0, 0);
    await migrateDown(readConfig().databaseUrl);
  },
};
