import { type Program, startProgram } from '../../setup/program.js';
import { until } from '../../setup/until.js';

/** Starting may have to wait for a PostgreSQL that was killed as well, so that it takes several tries. */
const LONGEST_START = 90_000;

/** What is never to happen, whatever a start meets. */
const HANGS = 'hangs: neither ready nor ended';

/** The place of one api or worker: whoever stands there is killed and followed by another with the same settings and port. */
export class Post {
  private program: Program | undefined;
  private readonly before: Program[] = [];
  private starting: Promise<void> = Promise.resolve();
  /** How each one ended that nobody here had ended. */
  readonly ownDeaths: string[] = [];
  /** Starts that neither came to be ready nor ended. */
  readonly hangs: string[] = [];

  constructor(
    readonly kind: 'api' | 'worker',
    readonly name: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Begins to start; a start that fails, for instance without a PostgreSQL, is tried again. */
  begin(): void {
    const start = async (): Promise<void> => {
      const once = (): Promise<Program> =>
        startProgram(this.kind, this.environment).catch((error: unknown) => {
          if (String(error).includes(HANGS)) this.hangs.push(`${this.name}: ${String(error)}`);
          throw error;
        });
      this.program = await until(once, { limit: LONGEST_START, what: `${this.name} starts` });
    };
    this.starting = start();
    // It is waited for in `isUp`.
    this.starting.catch(() => undefined);
  }

  /** Waits for the start that is under way. @throws where it never succeeded */
  isUp(): Promise<void> {
    return this.starting;
  }

  /** Ends it as `kill -9` does, as soon as it has started. */
  async kill(): Promise<void> {
    await this.isUp();
    const program = this.leave();
    if (program) await program.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.isUp().catch(() => undefined);
    await this.leave()?.stop();
  }

  /** Notes whether it has ended by itself. */
  look(): void {
    if (this.program && !isRunning(this.program.pid)) this.leave();
  }

  /** The lines of their logs at the level of an error, but for those of starts that wait for PostgreSQL. */
  get errors(): string[] {
    const programs = this.program ? [...this.before, this.program] : this.before;
    return programs.flatMap((program) =>
      program
        .output()
        .split('\n')
        .filter((line) => /"level":[56]0/.test(line) && !line.includes('"context":"TypeOrmModule"')),
    );
  }

  private leave(): Program | undefined {
    const { program } = this;
    this.program = undefined;
    if (!program) return undefined;
    this.before.push(program);
    if (isRunning(program.pid)) return program;
    this.ownDeaths.push(`${this.name} ended by itself:\n${program.output().slice(-2_000)}`);
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
