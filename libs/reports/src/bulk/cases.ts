import { Faults } from '#platform';

import { type Column, columnAt, columnNamed, NOTES, TOLD_FIELDS, TOLD_PATHS } from './columns.js';
import { asWritten } from './harmless.js';
import type { Layout } from './mapping.js';
import { MOST_LINES } from '../records/read-content.js';
import { type Cell, type SheetRow, textOf } from './sheet.js';

/** What a row, or one of the lines of an object, says in each column. */
export type Fields = ReadonlyMap<Column, Cell>;

/** The rows that make one record: those of one reference, one after the other. */
export interface Case {
  readonly rows: readonly SheetRow[];
  readonly reference: string;
  /** One for each line of goods. The first speaks for the record. */
  readonly lines: readonly Fields[];
  /** What is wrong with the form of an object. */
  readonly faults: Faults;
}

/** Of the fields of an object, far longer than any; it also bounds how deep an object is gone into. */
const LONGEST_PATH = 100;

const REFERENCE = columnNamed('reference');

/** Gathers the rows of a table into cases. */
export async function* casesOfTable(rows: AsyncIterable<SheetRow>, layout: Layout): AsyncGenerator<Case> {
  let gathered: SheetRow[] = [];
  let lines: Fields[] = [];
  let reference = '';
  const close = (): Case => ({ rows: gathered, lines, reference, faults: new Faults() });
  for await (const row of rows) {
    const fields = fieldsOf(row, layout);
    const name = textOf(REFERENCE && fields.get(REFERENCE)).trim();
    // A case of more lines than a record may have ends after one too many, and is refused for it.
    const isSame = name !== '' && name === reference && gathered.length <= MOST_LINES;
    if (!isSame && gathered.length > 0) yield close();
    if (!isSame) [gathered, lines, reference] = [[], [], name];
    gathered.push(row);
    lines.push(fields);
  }
  if (gathered.length > 0) yield close();
}

/** Reads each line as an object with the fields of LogViolationInput, and `reference` where it has one. */
export async function* casesOfObjects(rows: AsyncIterable<SheetRow>): AsyncGenerator<Case> {
  for await (const row of rows) {
    const faults = new Faults();
    const lines = [new Map<Column, Cell>()];
    const value = parsed(textOf(row.cells[0]));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      faults.add('file', 'form', 'Write one JSON object on each line.');
    } else {
      const unread = TOLD_FIELDS.every((name) => name in value) ? TOLD_PATHS : [];
      for (const [name, inner] of Object.entries(value)) {
        if (!Object.values<string>(NOTES).includes(name)) spread({ faults, lines, unread }, name, inner, 0);
      }
    }
    const reference = textOf(REFERENCE && lines[0]?.get(REFERENCE)).trim();
    yield { rows: [row], lines, reference, faults };
  }
}

function fieldsOf({ cells }: SheetRow, { places, constants }: Layout): Fields {
  const fields = new Map<Column, Cell>(constants);
  for (const [column, place] of places) fields.set(column, cells[place] ?? '');
  return fields;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where the fields of an object go, and the paths of which nothing is read. */
interface Spreading {
  readonly faults: Faults;
  readonly lines: Map<Column, Cell>[];
  readonly unread: readonly string[];
}

/** Spreads an object over the columns that its fields are; lists of goods become lines, other lists one cell. */
function spread(into: Spreading, path: string, value: unknown, line: number): void {
  const { faults, lines, unread } = into;
  if (value === null || value === undefined || unread.includes(path)) return;
  if (path.length > LONGEST_PATH) return faults.add('file', 'form', 'No field of a violation lies as deep as that.');
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      if (path !== 'lines') return spread(into, path, item, line);
      // One too many is enough for the record to be refused.
      if (index > MOST_LINES) return;
      lines[index] ??= new Map<Column, Cell>();
      return spread(into, path, item, index);
    });
    return;
  }
  if (typeof value === 'object') {
    for (const [name, inner] of Object.entries(value)) spread(into, `${path}.${name}`, inner, line);
    return;
  }
  const column = columnAt(path) ?? (path === REFERENCE?.name ? REFERENCE : undefined);
  if (!column) return faults.add(`input.${path}`, 'field', `${path} is no field of a violation here.`);
  if (column.kind === 'decimal' && typeof value !== 'string') {
    return faults.add(
      `input.${path}`,
      'decimal',
      'Write the decimal as a string, such as "1234.50": a number may lose digits.',
    );
  }
  const before = textOf(lines[line]?.get(column));
  const text = typeof value === 'string' ? asWritten(value) : JSON.stringify(value);
  lines[line]?.set(column, before === '' || column.kind === 'flag' ? text : `${before};${text}`);
}
