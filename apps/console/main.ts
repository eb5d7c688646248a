import 'reflect-metadata';

import { readConfig } from '#platform';

import { migrateDown, migrateUp } from './migrations.js';

type Command = (args: readonly string[]) => Promise<void>;

const COMMANDS: Readonly<Record<string, Command>> = {
  /** Brings the database to the newest schema. */
  migrate: async () => {
    const names = await migrateUp(readConfig().databaseUrl);
    console.log(names.length > 0 ? `Migrated: ${names.join(', ')}` : 'The schema is the newest.');
  },
  /** Takes back every migration: nothing is left. */
  'migrate:down': async () => {
    await migrateDown(readConfig().databaseUrl);
  },
};

const [name = '', ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) {
  console.error(`Say which command: ${Object.keys(COMMANDS).join(', ')}`);
  process.exit(2);
}
try {
  await command(args);
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
