import type { QueryRunner } from 'typeorm';

import type { Roles } from './roles.js';
import { ENTERED_OPERATION } from './visible.js';

/** SQL of who acts in this transaction; null for a part of Muster. Asked once per statement. */
export const USER = '(SELECT viewer_user())';

/** Holds for rows of the operation that was entered. */
export const here = (table: string): string => `${table}.operation_id = ${ENTERED_OPERATION}`;

/** Which rows the api may touch for the actor of its transaction, by command. Without one for a command it may touch none. */
export type Policies = Readonly<Partial<Record<'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE', string>>>;

/** Lays row-level security over a table of records: the policies for the api and for who acts as its deputy, and for the worker every row. */
export async function secure(
  runner: QueryRunner,
  { api, worker, deputy }: Roles,
  table: string,
  policies: Policies,
): Promise<void> {
  await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
  // The worker settles the reports of all countries: it looks at every record that it has a grant for, for nobody in particular.
  await runner.query(`CREATE POLICY ${table}_worker ON ${table} TO ${worker} USING (TRUE) WITH CHECK (TRUE)`);
  for (const [command, condition] of Object.entries(policies)) {
    const rule = {
      SELECT: `USING (${condition})`,
      INSERT: `WITH CHECK (${condition})`,
      // It finds the rows that the actor sees; what it may make of them is the condition.
      UPDATE: `USING (${policies.SELECT ?? 'FALSE'}) WITH CHECK (${condition})`,
      DELETE: `USING (${condition})`,
    }[command as keyof Policies];
    await runner.query(
      `CREATE POLICY ${table}_api_${command.toLowerCase()} ON ${table} FOR ${command} TO ${api}, ${deputy} ${rule}`,
    );
  }
}
