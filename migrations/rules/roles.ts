import type { QueryRunner } from 'typeorm';

/** The roles that the programs work as. They own nothing, and row-level security holds for them. */
export interface Roles {
  /** Serves requests: sees what the actor of its transaction may see. */
  readonly api: string;
  /** Settles reports and seals the audit log: sees all records of all operations, and no account's secrets. */
  readonly worker: string;
  /**
   * What the worker works as where it acts for a person, such as for the author of an import: bound by the very policies of the api, and
   * with a grant for nothing but records. Nobody signs in as this role.
   */
  readonly deputy: string;
}

/** The roles beside the one that migrates and owns all; they are made before the first migration. Quoted for SQL. */
export async function rolesOf(runner: QueryRunner): Promise<Roles> {
  const [row] = (await runner.query(
    `SELECT quote_ident(current_user || '_api') AS api, quote_ident(current_user || '_worker') AS worker,
       quote_ident(current_user || '_deputy') AS deputy`,
  )) as Roles[];
  if (!row) throw new Error('The database does not say who migrates.');
  return row;
}
