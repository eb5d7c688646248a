import { z } from 'zod';
import { readJson } from './private-file.js';

const Demo = z.object({
  accounts: z.array(
    z.object({
      email: z.string(),
      password: z.string(),
      /** In base32, for an authenticator app; of the accounts whose role asks for a second factor. */
      totpSecret: z.string().optional(),
      roles: z.array(z.string()),
      country: z.string().nullable(),
    }),
  ),
});

/** An account that a newcomer can sign in with. Roles are in the contract's words; no country for the hub's own people. */
export type DemoAccount = z.infer<typeof Demo>['accounts'][number];

/** The demo accounts, from the file that the console keeps their random passwords in. */
export async function readDemoAccounts(path: string): Promise<readonly DemoAccount[]> {
  const content = await readJson(path);
  return content === undefined ? [] : Demo.parse(content).accounts;
}
