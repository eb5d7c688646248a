import { readConfig } from '#platform';
import { z } from 'zod';

import { checkArchive } from '../archive/archive-check.js';
import { ArchiveFolder } from '../archive/archive-folder.js';
import { Archiver } from '../archive/archiver.js';
import { Restorer } from '../archive/restorer.js';
import { type Command, WrongUse } from '../command.js';
import { withServices } from '../context.js';

export const archive: Command = {
  usage: 'archive OPERATION_ID --to FOLDER [--drop] | OPERATION_ID --cancel | --verify FOLDER | --restore FOLDER',
  does: 'Takes an operation that is over out of the database into files, takes that back before it is done, verifies such files, or puts them back.',
  async run(args) {
    const [first = '', second = '', ...rest] = args;
    if (first === '--verify' && second !== '' && rest.length === 0) return verify(second);
    if (first === '--restore' && second !== '' && rest.length === 0) return restore(second);
    const isOperation = z.uuid().safeParse(first).success;
    if (isOperation && second === '--cancel' && rest.length === 0) return cancel(first.toLowerCase());
    const drop = rest.includes('--drop');
    const [folder = '', ...others] = rest.filter((arg) => arg !== '--drop');
    const isRight = isOperation && second === '--to' && folder !== '' && others.length === 0;
    if (!isRight) throw new WrongUse();
    return takeOut(first.toLowerCase(), folder, drop);
  },
};

async function takeOut(operationId: string, folder: string, drop: boolean): Promise<number> {
  const { rows, sha256 } = await withServices(readConfig(), (services) =>
    services.get(Archiver).archive(operationId, folder, drop),
  );
  console.log(`Operation ${operationId} is archived in ${folder}: ${rows} rows, manifest ${sha256}.`);
  console.log(
    drop
      ? 'Its tables are dropped: that folder is all there is of its records. Keep it, and a copy of it.'
      : 'Its tables stand in the schema archived_parts, for the owner alone; --drop takes them away.',
  );
  return 0;
}

async function cancel(operationId: string): Promise<number> {
  await withServices(readConfig(), (services) => services.get(Archiver).cancel(operationId));
  console.log(`Operation ${operationId} is not being archived any more: it is as it was.`);
  return 0;
}

async function verify(folder: string): Promise<number> {
  const { manifest, sha256, rows, entries, faults } = await checkArchive(new ArchiveFolder(folder));
  for (const fault of faults) console.log(fault);
  const what = `the archive of operation ${manifest.operation.id} (${manifest.operation.codeName}), manifest ${sha256}`;
  if (faults.length > 0) console.log(`Broken: ${what}.`);
  else
    console.log(
      `Whole: ${what}: ${rows} rows of ${manifest.tables.length} tables, ${entries} sealed entries of the audit log.`,
    );
  return faults.length === 0 ? 0 : 1;
}

async function restore(folder: string): Promise<number> {
  const { operationId, rows } = await withServices(readConfig(), (services) => services.get(Restorer).restore(folder));
  console.log(`Operation ${operationId} is back: ${rows} rows.`);
  return 0;
}
