import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

/** One measured figure, its baseline from the same run, and the goal for it or for its ratio to the baseline. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** In the same unit; null where the goal is of the value itself. */
  readonly baseline: number | null;
  readonly goal: number;
  readonly holds: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The value that a share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, baseline, goal, holds }) => {
    const ratio = baseline === null ? '' : (value / baseline).toFixed(3);
    return `| ${name} | ${round(value)} ${unit} | ${baseline === null ? '' : `${round(baseline)} ${unit}`} | ${ratio} | ${goal} | ${holds ? 'yes' : 'no'} |`;
  });
  return [
    '| figure | measured | baseline | ratio | goal | holds |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** Writes docs/benchmarks.md: the figures with the machine and the date. */
export async function report(figures: readonly Figure[], isFull: boolean): Promise<void> {
  const [processor] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  const text = `# Benchmarks

Measured by \`npm run bench${isFull ? ' -- --full' : ''}\` on ${date}: ${cpus().length} × ${processor?.model.trim() ?? 'unknown'},
${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}, commit ${commit()}. Load, api, worker and PostgreSQL share these processors.
Every rate is a ratio to a baseline that was measured beside it in the same run; figures of another machine differ, ratios hardly.
Why some goals are not reached, [the profile](profile.md) says.

${table(figures)}

How each is measured: \`tests/bench/\`.

- *Raw rate*: one prepared INSERT per commit of a row as wide as a seizure report's, on 16 connections, commits durable.
- *Accepted*: single \`reportSeizure\` mutations over HTTP, signed in, 64 connections, each its next when the last is acknowledged; once more
  against an api on the same server that answers the same mutation after all checks at the door and stores nothing.
- *PostGraphile 5*: the same load on its own create mutation, over a table of a row as wide, with the same content as JSON; without sign-in and rules.
- *Settled*: the same, until the last report is settled (violation, figures, feed event and audit entry written), with the queue kept short.
- *Arrival*: from the receipt of a report to its event at each socket that may see it: 1,000 followers of 50 countries, 100 reports a second that each
  concern four of them, the 99th percentile; against socket.io alone, which emits the same bytes to the same sockets.
- *Bulk import*: a file of 100,000 rows of CSV, until it is DONE, with all checks, figures, feed and audit, against COPY of the rows that came of it into
  the same tables with the same indexes, without their triggers.
- *Trends*: \`violationTrends\` by country and week over 200,000 violations through the api, against the same GROUP BY over the records in SQL,
  turn by turn. To the hub it is asked again after 1,000 more violations each time, and once with a filter that nobody used before; to a
  coordinator, from whom some 145,000 of these violations are hidden, figures are protected.
- *Row-level security*: the median of each page that coordinators open most, over 200,000 violations, turn by turn with an api that works as the
  owner of the tables, for whom no policy is worked out; told is the page with the highest ratio.
- *Reading recorded*: the median of a page of 50 violations of 100,000, turn by turn with an api that records nothing.
`;
  await writeFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'benchmarks.md'), text);
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
