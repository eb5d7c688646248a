import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';

import { needsSecondFactor, newTotpSecret } from '#identity';
import { v4 } from 'uuid';
import { z } from 'zod';

import { demoAccounts, type DemoPerson } from '../demo/index.js';

const Instant = z.iso.datetime().transform((text) => new Date(text));

const Content = z.object({
  /** Tells one file from another: passwords are set anew when it is not the one they were set from. */
  id: z.uuid(),
  firstStart: Instant,
  /** Null until everything is loaded. */
  loadedAt: Instant.nullable(),
  accounts: z.array(
    z.object({
      email: z.string(),
      password: z.string(),
      /** In base32, for an authenticator app; of the accounts whose role asks for a second factor. */
      totpSecret: z.string().optional(),
      /** In the contract's words. */
      roles: z.array(z.string()),
      country: z.string().nullable(),
    }),
  ),
});

/** What an account of the demo is signed in to with. */
export interface DemoSignIn {
  readonly password: string;
  readonly totpSecret?: string | undefined;
}

/** What demo.json holds: how to sign in, and when Muster was first started. */
export type DemoFile = Readonly<z.output<typeof Content>>;

/** Reads demo.json; undefined where there is none or it holds something else. */
export async function readDemoFile(path: string): Promise<DemoFile | undefined> {
  try {
    return Content.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError || isAbsent(error)) return undefined;
    throw error;
  }
}

/** Puts demo.json in place as a whole, readable by its owner alone. */
export async function writeDemoFile(path: string, content: DemoFile): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * The content of demo.json for a load: passwords and secrets that the present file holds are kept, those it lacks are made at random.
 * @param present what the file holds, if there is one
 */
export function demoFileFor(firstStart: Date, present: DemoFile | undefined): DemoFile {
  const known = new Map(present?.accounts.map((account) => [account.email, account]));
  const accounts = demoAccounts.map((person) => {
    const before = known.get(person.email);
    return {
      email: person.email,
      password: before?.password ?? randomBytes(18).toString('base64url'),
      ...(needsSecondFactor(person.grants) ? { totpSecret: before?.totpSecret ?? newTotpSecret() } : {}),
      roles: rolesOf(person),
      country: person.country,
    };
  });
  const isKept = accounts.every(({ email, password, totpSecret }) => {
    const before = known.get(email);
    return before?.password === password && before.totpSecret === totpSecret;
  });
  return { id: present !== undefined && isKept ? present.id : v4(), firstStart, loadedAt: null, accounts };
}

/** How each account is signed in to, by e-mail. */
export function signInsOf({ accounts }: DemoFile): Map<string, DemoSignIn> {
  return new Map(accounts.map(({ email, password, totpSecret }) => [email, { password, totpSecret }]));
}

const rolesOf = ({ grants }: DemoPerson): string[] => [...new Set(grants.map(({ role }) => role))];

const isAbsent = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
