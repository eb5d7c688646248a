import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ROOT } from '../../setup/index.js';

export const LEVELS = ['RED', 'AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'] as const;
export type Level = (typeof LEVELS)[number];
export type Place = 'inside' | 'frame' | 'outside';
type Row = Readonly<Record<string, string>>;

/** A line of the table of who sees a record, for one viewer. */
export interface Sight {
  readonly relation: string;
  readonly viewer: string;
  readonly sees: Readonly<Record<Level, boolean>>;
  readonly place: Place;
}

/** The tables of `docs/access.md`: what is expected stands there and nowhere else. */
export class AccessTables {
  /** How a report is seen that is not accepted, by the level that it asks for. */
  readonly waitingAs: Readonly<Record<Level, Level>>;
  readonly sights: readonly Sight[];
  readonly records: readonly Row[];
  readonly operation: readonly Row[];
  readonly platform: readonly Row[];
  readonly routes: readonly Row[];
  readonly told: readonly Row[];
  readonly reused: readonly Row[];

  constructor(markdown: string) {
    const tables = readTables(markdown);
    const withColumns = (...columns: readonly string[]): Row[] => {
      const found = tables.filter(([first]) => columns.every((column) => first && column in first));
      if (found.length === 0) throw new Error(`docs/access.md has no table with ${columns.join(', ')}.`);
      return found.flat();
    };
    this.waitingAs = Object.fromEntries(
      withColumns('asked for', 'seen as').map((row) => [row['asked for'], row['seen as']]),
    ) as Record<Level, Level>;
    this.sights = withColumns('relation', 'viewers', 'operation').flatMap((row) =>
      listed(row.viewers).map((viewer) => ({
        relation: row.relation ?? '',
        viewer,
        sees: Object.fromEntries(LEVELS.map((level) => [level, isYes(row[level])])) as Record<Level, boolean>,
        place: row.operation as Place,
      })),
    );
    this.records = withColumns('field', 'knows', 'seen and may', 'hidden');
    this.operation = withColumns('field', 'inside', 'frame', 'outside');
    this.platform = tables.filter(([first]) => first && Object.keys(first).join() === 'field,roles,may,answer').flat();
    this.routes = withColumns('route', 'without a session', 'with one');
    this.told = withColumns('what', "the owner's people", 'the hub', 'others');
    this.reused = tables.filter(([first]) => first && Object.keys(first).join() === 'field,answer').flat();
  }

  static async read(): Promise<AccessTables> {
    return new AccessTables(await readFile(join(ROOT, 'docs', 'access.md'), 'utf8'));
  }

  sight(relation: string, viewer: string): Sight {
    const found = this.sights.find((each) => each.relation === relation && each.viewer === viewer);
    if (!found) throw new Error(`docs/access.md has no line for ${relation}: ${viewer}.`);
    return found;
  }

  /** Every field and socket message that a table names. */
  get names(): Set<string> {
    const rows = [...this.records, ...this.operation, ...this.platform, ...this.reused];
    return new Set(rows.map(({ field = '' }) => field.replace(/,.*/, '')));
  }
}

/** What stands in a cell as a list, `any` and `all` among them. */
export function listed(cell = ''): string[] {
  return cell
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** The half of a cell like `x / y` that is for those who may, or for the others. */
export function answerFor(cell = '', may: boolean): string {
  const [yes = '', no = yes] = cell.split('/').map((word) => word.trim());
  return may ? yes : no;
}

function isYes(cell: string | undefined): boolean {
  if (cell !== 'yes' && cell !== 'no') throw new Error(`docs/access.md: a cell says neither yes nor no, but ${cell}.`);
  return cell === 'yes';
}

/** All tables of a Markdown page, each row by its column heads. */
function readTables(markdown: string): Row[][] {
  const tables: Row[][] = [];
  let head: readonly string[] | undefined;
  for (const line of markdown.split('\n')) {
    const cells = line.startsWith('|')
      ? line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim())
      : undefined;
    if (!cells) head = undefined;
    else if (!head) {
      head = cells;
      tables.push([]);
    } else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
      tables.at(-1)?.push(Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])));
    }
  }
  return tables;
}
