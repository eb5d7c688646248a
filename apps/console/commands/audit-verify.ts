import { readFile } from 'node:fs/promises';

import { type Breach, type KeptHead, Verification } from '#audit';
import { readConfig } from '#platform';
import { z } from 'zod';

import { type Command, WrongUse } from '../command.js';
import { withServices } from '../context.js';

const Heads = z.array(z.object({ chain: z.uuid(), signedAt: z.iso.datetime(), commitment: z.hex() }));

export const auditVerify: Command = {
  usage: 'audit:verify [OPERATION_ID] [--heads FILE.json]',
  does: 'Verifies the chains of the audit log, and heads that were kept outside; exit code 1 when anything is broken.',
  async run(args) {
    const { chain, file } = readArguments(args);
    const kept = file === undefined ? [] : await readHeads(file);
    const { chains, archives, entries, heads, keys, breaches } = await withServices(readConfig(), (services) =>
      services.get(Verification).run({ ...(chain === undefined ? {} : { chain }), kept }),
    );
    for (const breach of breaches) console.log(worded(breach));
    for (const key of keys) console.log(`Heads are signed with\n${key.trim()}`);
    for (const { chain: archived, manifest } of archives)
      console.log(`Archived: operation ${archived}, manifest ${manifest}`);
    const ofArchives = archives.length === 0 ? '' : ` (${archives.length} archived)`;
    const counted = `${chains} chains${ofArchives}, ${entries} sealed entries, ${heads} signed heads`;
    console.log(
      breaches.length === 0
        ? `The audit log is whole: ${counted}.`
        : `Broken: ${breaches.length}. Verified: ${counted}.`,
    );
    return breaches.length === 0 ? 0 : 1;
  },
};

function readArguments(args: readonly string[]): { readonly chain?: string; readonly file?: string } {
  const at = args.indexOf('--heads');
  const file = at < 0 ? undefined : args[at + 1];
  const others = at < 0 ? args : args.toSpliced(at, 2);
  const [chain] = others;
  if (others.length > 1 || (at >= 0 && !file) || (chain !== undefined && !z.uuid().safeParse(chain).success))
    throw new WrongUse();
  return { ...(chain === undefined ? {} : { chain }), ...(file === undefined ? {} : { file }) };
}

/** Heads as the query `auditHeads` tells them. */
async function readHeads(file: string): Promise<KeptHead[]> {
  const read = Heads.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!read.success) throw new Error(`${file} must hold a list of heads with chain, signedAt and commitment.`);
  return read.data;
}

function worded({ chain, seq, entryId, fault }: Breach): string {
  const where = [
    `chain ${chain}`,
    ...(seq === null ? [] : [`place ${seq}`]),
    ...(entryId === null ? [] : [`entry ${entryId}`]),
  ];
  return `${where.join(', ')}: ${fault}`;
}
