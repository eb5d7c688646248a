import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './program.js';
import { until } from './until.js';

/** What `ready.json` holds. */
export interface ReadyFile {
  readonly url: string;
  readonly graphqlUrl: string;
  readonly pids: { readonly api: number; readonly worker: number; readonly postgres: number | null };
  readonly demo: readonly {
    readonly email: string;
    readonly password: string;
    readonly totpSecret?: string;
    readonly roles: readonly string[];
    readonly country: string | null;
  }[];
}

/** One `npm start`, in a process group of its own, as a terminal gives it one. */
export interface Launch {
  /** What it printed so far. */
  output(): string;
  /** Its exit code, once it has ended. */
  readonly exit: Promise<number | null>;
  /** Waits for `ready.json`, and gives it. */
  ready(limit?: number): Promise<ReadyFile>;
  /** Ctrl-C in the terminal: the signal goes to the whole group. Gives the exit code. */
  interrupt(): Promise<number | null>;
}

export function npmStart(dataDir: string, environment: Readonly<Record<string, string>> = {}): Launch {
  const child = spawn('npm', ['start', '--silent'], {
    cwd: ROOT,
    env: {
      ...process.env,
      NODE_ENV: '',
      NODE_OPTIONS: '',
      PORT: '',
      DATABASE_URL: '',
      REDIS_URL: '',
      LOG_LEVEL: 'warn',
      DATA_DIR: dataDir,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const printed: Buffer[] = [];
  const output = (): string => Buffer.concat(printed).toString();
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let hasEnded = false;
  void exit.then(() => (hasEnded = true));
  return {
    output,
    exit,
    async ready(limit = 60_000) {
      const found = await until(async () => (hasEnded ? 'ended' : await readReadyFile(dataDir)), {
        limit,
        what: 'ready.json is there',
      }).catch((error: unknown) => {
        throw new Error(`Not ready. It printed:\n${output()}`, { cause: error });
      });
      if (found === 'ended') throw new Error(`It ended before it was ready. It printed:\n${output()}`);
      return found;
    },
    async interrupt() {
      if (child.pid !== undefined && !hasEnded) process.kill(-child.pid, 'SIGINT');
      return exit;
    },
  };
}

/** What `ready.json` says now; fails where there is none. */
export async function readReadyFile(dataDir: string): Promise<ReadyFile> {
  return JSON.parse(await readFile(join(dataDir, 'ready.json'), 'utf8')) as ReadyFile;
}

/**
 * The processes that belong to a data folder: those that hold it in their arguments or their environment, and what PostgreSQL
 * started. Told from /proc.
 */
export function processesOf(dataDir: string): number[] {
  const own = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), parent: parentOf(Number(name)), text: textOf(name) }));
  const named = new Set(own.filter(({ text }) => text.includes(dataDir)).map(({ pid }) => pid));
  return own.filter(({ pid, parent }) => named.has(pid) || named.has(parent)).map(({ pid }) => pid);
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended between the look and the reading.
    return '';
  }
};

const textOf = (pid: string): string => read(`/proc/${pid}/cmdline`) + read(`/proc/${pid}/environ`);

/** The process that started another. */
export function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
