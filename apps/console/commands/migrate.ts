import { dropQueue, prepareQueue, readConfig } from '#platform';

import { type Command, expectArguments } from '../command.js';
import { migrateDown, migrateUp } from '../migrations.js';
import { prepareRoles } from '../roles.js';

export const migrate: Command = {
  usage: 'migrate',
  does: 'Brings the database to the newest schema, and makes the roles of api and worker.',
  async run(args) {
    expectArguments(args, 0, 0);
    const { databaseUrl, roleUrls = {} } = readConfig();
    const roles = await prepareRoles(databaseUrl, roleUrls);
    const names = await migrateUp(databaseUrl);
    await prepareQueue(databaseUrl, roles);
    console.log(names.length > 0 ? `Migrated: ${names.join(', ')}` : 'The schema is the newest.');
  },
};

export const migrateBack: Command = {
  usage: 'migrate:down',
  does: 'Takes back every migration: nothing is left.',
  async run(args) {
    expectArguments(args, 0, 0);
    const { databaseUrl } = readConfig();
    await dropQueue(databaseUrl);
    await migrateDown(databaseUrl);
  },
};
