import 'reflect-metadata';

import type { Command } from './command.js';
import { WrongUse } from './command.js';

/** Each command is loaded when it is called for, so that none waits for what another needs. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  migrate: async () => (await import('./commands/migrate.js')).migrate,
  'migrate:down': async () => (await import('./commands/migrate.js')).migrateBack,
  'create-administrator': async () => (await import('./commands/create-administrator.js')).createAdministrator,
  'reset-account': async () => (await import('./commands/reset-account.js')).resetAccount,
  'load-rates': async () => (await import('./commands/load-rates.js')).loadRates,
  recount: async () => (await import('./commands/recount.js')).recount,
  'audit:verify': async () => (await import('./commands/audit-verify.js')).auditVerify,
  retention: async () => (await import('./commands/retention.js')).retention,
  archive: async () => (await import('./commands/archive.js')).archive,
  'load-demo': async () => (await import('./commands/demo.js')).loadDemo,
};

const [name = '', ...args] = process.argv.slice(2);
process.exit(await run(name, args));

/** Runs one command and gives the exit code: 0 done, 1 failed, 2 called wrongly. */
async function run(called: string, given: readonly string[]): Promise<number> {
  const load = Object.hasOwn(COMMANDS, called) ? COMMANDS[called] : undefined;
  if (!load) {
    console.error(`Say which command:\n${(await usages()).map((usage) => `  ${usage}`).join('\n')}`);
    return 2;
  }
  const command = await load();
  try {
    return (await command.run(given)) ?? 0;
  } catch (error) {
    if (error instanceof WrongUse) {
      console.error(`Call it so: ${command.usage}`);
      return 2;
    }
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

async function usages(): Promise<string[]> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return commands.map(({ usage, does }) => `${usage.padEnd(width)}  ${does}`);
}
