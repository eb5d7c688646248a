import pg from 'pg';

const PARTS = ['api', 'worker'] as const;

/**
 * Makes the roles that api and worker work as, where they are missing, with the passwords of the URLs given for them, and the one that the
 * worker takes on where it acts for a person. They own nothing, may do nothing but what migrations grant them, and row-level security
 * holds for them.
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
    // Several processes may start at once: what a database or a role may is one row each, and two who write it at once are an error.
    await owner.query(`SELECT pg_advisory_lock(hashtextextended('muster roles', 0))`);
    for (const part of PARTS) await prepareRole(owner, part, urls[part]);
    await prepareDeputy(owner);
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

interface Deputy {
  /** Quoted for SQL, as the next. */
  readonly deputy: string;
  readonly worker: string;
  readonly exists: boolean;
  /** Whether the worker may take it on. */
  readonly held: boolean;
}

async function deputyOf(owner: pg.Client): Promise<Deputy | undefined> {
  const { rows } = await owner.query<Deputy>(
    `SELECT quote_ident(current_user || '_deputy') AS deputy, quote_ident(current_user || '_worker') AS worker, d.oid IS NOT NULL AS exists,
       EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = d.oid AND m.member = w.oid) AS held
     FROM pg_roles w LEFT JOIN pg_roles d ON d.rolname = current_user || '_deputy' WHERE w.rolname = current_user || '_worker'`,
  );
  return rows[0];
}

/** The role that nobody signs in as: the worker takes it on for a transaction, and is bound by the policies of the api meanwhile. */
async function prepareDeputy(owner: pg.Client): Promise<void> {
  const role = await deputyOf(owner);
  if (!role || (role.exists && role.held)) return;
  const { deputy, worker } = role;
  // The owner migrates as itself and needs no part of it; who makes a role may give it away.
  const statements = [
    ...(role.exists ? [] : [`CREATE ROLE ${deputy} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT`]),
    `GRANT ${deputy} TO ${worker}`,
  ];
  try {
    for (const statement of statements) await owner.query(statement);
  } catch (error) {
    // Another database of the same server was faster: what counts is whether the role is there and held.
    if ((await deputyOf(owner))?.held) return;
    throw new Error(
      `The database's owner can't do this (${error instanceof Error ? error.message : String(error)}). Let somebody do it who may: ${statements.join('; ')}`,
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
