import pg from 'pg';

const PARTS = ['api', 'worker'] as const;

/**
 * Makes the roles that api and worker work as, where they are missing, with the passwords of the URLs given for them. They own nothing,
 * may do nothing but what migrations grant them, and row-level security holds for them.
 * @param urls absent: a role that is missing is made without a password, and can sign in once it has one
 * @returns the names of the roles
 * @throws Error where a role is missing and can't be made, or could bypass row-level security, with what to do about it
 */
export async function prepareRoles(
  ownerUrl: string,
  urls: Readonly<Partial<Record<(typeof PARTS)[number], string>>>,
): Promise<string[]> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    for (const part of PARTS) await prepareRole(owner, part, urls[part]);
    const { rows } = await owner.query<{ database: string; name: string }>(
      `SELECT quote_ident(current_database()) AS database, current_user AS name`,
    );
    const [here] = rows;
    if (!here) throw new Error('The database does not say who migrates.');
    const names = PARTS.map((part) => `${here.name}_${part}`);
    const roles = names.map((name) => owner.escapeIdentifier(name)).join(', ');
    await owner.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${here.database} FROM PUBLIC`);
    await owner.query(`GRANT CONNECT ON DATABASE ${here.database} TO ${roles}`);
    return names;
  } finally {
    await owner.end();
  }
}

async function prepareRole(owner: pg.Client, part: string, url: string | undefined): Promise<void> {
  const { rows } = await owner.query<{ name: string; super: boolean | null; bypass: boolean | null }>(
    `SELECT current_user || $1 AS name, r.rolsuper AS super, r.rolbypassrls AS bypass
     FROM (SELECT 1) AS one LEFT JOIN pg_roles r ON r.rolname = current_user || $1`,
    [`_${part}`],
  );
  const [role] = rows;
  if (!role) return;
  if (role.super || role.bypass) {
    throw new Error(
      `The role ${role.name} could bypass row-level security: ALTER ROLE ${role.name} NOSUPERUSER NOBYPASSRLS.`,
    );
  }
  if (role.super !== null && (url === undefined || (await canConnect(url)))) return;
  const password = url === undefined ? '' : decodeURIComponent(new URL(url).password);
  const login = `LOGIN${password === '' ? '' : ` PASSWORD ${owner.escapeLiteral(password)}`}`;
  const statement =
    role.super === null
      ? `CREATE ROLE ${owner.escapeIdentifier(role.name)} ${login} NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT`
      : `ALTER ROLE ${owner.escapeIdentifier(role.name)} ${login}`;
  try {
    await owner.query(statement);
  } catch (error) {
    // Another start on the same server was faster: what counts is whether the role can be used.
    if (url !== undefined && (await canConnect(url))) return;
    throw new Error(
      `The database's owner can't make the role ${role.name} (${error instanceof Error ? error.message : String(error)}). ` +
        `Let it: ALTER ROLE … CREATEROLE; or make the role yourself, with LOGIN and a password of your own, and give its URL in ${part.toUpperCase()}_DATABASE_URL.`,
    );
  }
}

async function canConnect(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
