import { fork, type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hash } from '@node-rs/argon2';
import pg from 'pg';
import { v7 } from 'uuid';

import { EmbeddedPostgres } from '../../apps/launcher/postgres/embedded-postgres.js';
import { roleUrls } from '../../apps/launcher/role-urls.js';
import { MOMBASA } from './reports.js';

const DIST = join(import.meta.dirname, '..', '..');
const PASSWORD = 'a password for benchmarks';

/** In the order in which they are started. */
const PROGRAMS = ['api', 'worker'] as const;

/** One program of Muster, run as in production but for its log. */
interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Somebody who is signed in, for the load. */
export interface Caller {
  readonly token: string;
  readonly id: string;
}

/** What all measurements stand on: a durable PostgreSQL, one api, one worker, an operation and the people who report in it. */
export class Stage {
  private readonly programs: Running[] = [];
  private readonly peaks = new Map<string, number>();
  private watch: NodeJS.Timeout | undefined;

  private constructor(
    private readonly folder: string,
    private readonly postgres: { stop(): Promise<void> },
    readonly databaseUrl: string,
    /** For the superuser, to whom the server's own files are open. */
    readonly adminUrl: string,
    readonly database: pg.Client,
  ) {}

  static async set(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'muster-bench-'));
    const postgres = await EmbeddedPostgres.prepare(folder, { say: () => undefined });
    const life = await postgres.begin();
    await life.ready;
    await run('apps/console/main.js', ['migrate'], postgres.url);
    const database = new pg.Client({ connectionString: postgres.url });
    await database.connect();
    const adminUrl = postgres.adminUrl.replace(/[^/]*$/, new URL(postgres.url).pathname.slice(1));
    return new Stage(folder, life, postgres.url, adminUrl, database);
  }

  /** Starts api and worker, and notes the most memory that each of them holds from now on. */
  async start(): Promise<string> {
    const api = await this.begin('api');
    await this.begin('worker');
    this.watch = setInterval(() => void this.look(), 500);
    return api.url;
  }

  /** Starts one more api, by a script of its own beside this file, for a comparison with the first. Ended with the rest. */
  async startOther(script: string): Promise<string> {
    return (await this.begin('api', join(import.meta.dirname, script))).url;
  }

  /** The most resident memory of a program so far, in MiB. */
  peak(name: 'api' | 'worker'): number {
    return this.peaks.get(name) ?? 0;
  }

  /** The resident memory of a program now, in MiB. */
  async resident(name: 'api' | 'worker'): Promise<number> {
    const pid = this.programs[PROGRAMS.indexOf(name)]?.child.pid;
    return pid === undefined ? 0 : residentMiB(pid);
  }

  async end(): Promise<void> {
    clearInterval(this.watch);
    for (const { child } of this.programs) child.kill('SIGTERM');
    await Promise.all(this.programs.map(({ child }) => new Promise((resolve) => child.once('exit', resolve))));
    await this.database.end();
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** An operation that takes reports, with a port unit of Kenya. */
  async operation(): Promise<{ operationId: string; unitId: string; agencyId: string }> {
    const ids = { operationId: v7(), unitId: v7(), agencyId: v7() };
    const { operationId, unitId, agencyId } = ids;
    await this.sql(
      `INSERT INTO operations (id, version, kind, code_name, phase, crime_areas, time_zone, operational_starts_on, created_at)
       VALUES ($1, 1, 'STANDING', 'Load', 'OPERATIONAL', '{POLLUTION}', 'Africa/Nairobi', current_date - 30, now())`,
      [operationId],
    );
    await this.sql(`INSERT INTO feed_heads (operation_id, position) VALUES ($1, 0)`, [operationId]);
    await this.sql(`INSERT INTO agencies (id, name, kind, country) VALUES ($1, 'Customs', 'CUSTOMS', 'KE')`, [
      agencyId,
    ]);
    await this.sql(
      `INSERT INTO participations (id, operation_id, country, status, lead_agency_id, invited_at) VALUES ($1, $2, 'KE', 'ACCEPTED', $3, now())`,
      [v7(), operationId, agencyId],
    );
    await this.sql(
      `INSERT INTO port_units (id, name, kind, country, unlocode) VALUES ($1, 'Mombasa', 'SEA_PORT', 'KE', '${MOMBASA}')`,
      [unitId],
    );
    await this.sql(`INSERT INTO port_unit_agencies (unit_id, agency_id) VALUES ($1, $2)`, [unitId, agencyId]);
    return ids;
  }

  /** People of one grant, signed in through the api. */
  async people(
    url: string,
    count: number,
    agencyId: string | null,
    grant: { role: string; operationId: string | null; country: string | null; unitId: string | null },
  ): Promise<Caller[]> {
    const passwordHash = await hash(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 });
    const callers: Caller[] = [];
    for (let index = 0; index < count; index++) {
      const id = v7();
      const email = `${id}@bench.muster.example`;
      await this.sql(
        `INSERT INTO users (id, email, name, password_hash, agency_id, created_at) VALUES ($1, $2, 'Load', $3, $4, now())`,
        [id, email, passwordHash, agencyId],
      );
      await this.sql(
        `INSERT INTO grants (id, user_id, role, operation_id, country, unit_id, granted_at) VALUES ($1, $2, $3, $4, $5, $6, now())`,
        [v7(), id, grant.role, grant.operationId, grant.country, grant.unitId],
      );
      if (grant.unitId) {
        await this.sql(
          `INSERT INTO postings (id, unit_id, user_id, home_agency_id, from_day) VALUES ($1, $2, $3, $4, '2020-01-01')`,
          [v7(), grant.unitId, id, agencyId],
        );
      }
      callers.push({ id, token: await signIn(url, email) });
      // Benchmarks are not about the second factor that some roles ask for.
      await this.sql(`UPDATE sessions SET second_factor = true WHERE user_id = $1`, [id]);
    }
    return callers;
  }

  async sql<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.database.query(text, [...values])).rows as Row[];
  }

  private async begin(name: 'api' | 'worker', script = join(DIST, 'apps', name, 'main.js')): Promise<Running> {
    const child = fork(script, {
      // As the launcher starts them.
      execArgv:
        name === 'worker'
          ? ['--max-old-space-size=144', '--max-semi-space-size=4']
          : ['--max-old-space-size=224', '--max-semi-space-size=8'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: '0',
        LOG_LEVEL: 'warn',
        DATABASE_URL: roleUrls(this.databaseUrl)[name],
        OWNER_DATABASE_URL: this.databaseUrl,
        REDIS_URL: '',
      },
    });
    const url = await new Promise<string>((resolve, reject) => {
      child.on(
        'message',
        (message: { type?: string; url?: string }) => message.type === 'ready' && resolve(message.url ?? ''),
      );
      child.once('exit', (code) => reject(new Error(`${name} ended with code ${code} before it was ready`)));
    });
    const running = { child, url };
    this.programs.push(running);
    return running;
  }

  private async look(): Promise<void> {
    for (const name of PROGRAMS) this.peaks.set(name, Math.max(this.peak(name), await this.resident(name)));
  }
}

export async function graphql<Data>(url: string, query: string, variables: unknown, token?: string): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** How many bytes a report's row takes, on the average of those in the table. */
export async function widthOfReports(stage: Stage): Promise<number> {
  const [row] = await stage.sql<{ width: number }>(`SELECT avg(pg_column_size(s.*))::int AS width FROM seizures s`);
  return row?.width ?? 0;
}

async function signIn(url: string, email: string): Promise<string> {
  const data = await graphql<{ signIn: { accessToken: string } }>(
    url,
    `
      mutation ($email: String!, $password: String!) {
        signIn(email: $email, password: $password) {
          accessToken
        }
      }
    `,
    { email, password: PASSWORD },
  );
  return data.signIn.accessToken;
}

async function residentMiB(pid: number): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has ended, or this is no Linux
  }
}

function run(script: string, args: readonly string[], databaseUrl: string): Promise<void> {
  const { api, worker } = roleUrls(databaseUrl);
  const child = spawn(process.execPath, [join(DIST, script), ...args], {
    env: { ...process.env, DATABASE_URL: databaseUrl, API_DATABASE_URL: api, WORKER_DATABASE_URL: worker },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${script} ended with code ${code}`))));
  });
}
