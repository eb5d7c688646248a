import type { FieldFault, MusterError } from '#platform';

import type { Case } from './cases.js';
import { type Column, columnAt, columnNamed } from './columns.js';
import type { ImportMapping } from './import.js';
import type { Cell } from './sheet.js';

/** A row that was refused, with all that is wrong with it. */
export interface RefusedRow {
  readonly number: number;
  readonly cells: readonly Cell[];
  readonly errors: string;
}

const BESIDE = 'Nothing is wrong with this row, but with another one of its case.';
/** What is told where the case's own number was used before for something else. */
const CHANGED =
  'This case, or this id, was brought in before with other content. Correct the record in Muster; or put rows of one case one after the other, and give another case a number of its own.';

/**
 * What to write beside each row of a case that was refused: each wrong column, as the file names it, and how to mend it. What is wrong with a
 * value that could not be read is said once.
 */
export function refusedRows({ rows }: Case, error: MusterError, mapping: ImportMapping | null): RefusedRow[] {
  const lists = rows.map((): string[] => []);
  const unread = new Set<string>();
  for (const fault of faultsOf(error)) {
    const { line, column } = placeOf(fault.path);
    const name = column === undefined ? '' : nameIn(mapping, column);
    // The first fault of a value is that it can't be read; what follows would be of the one that stands in for it.
    if (fault.path !== '' && unread.has(fault.path)) continue;
    unread.add(fault.path);
    const list = lists[Math.min(line, rows.length - 1)];
    list?.push(
      rows.length === 1 && line > 0 ? `line ${line + 1}, ${name}: ${fault.message}` : named(name, fault.message),
    );
  }
  return rows.map(({ number, cells }, index) => ({
    number,
    cells,
    errors: lists[index]?.join(' | ') || BESIDE,
  }));
}

function named(name: string, message: string): string {
  return name === '' ? message : `${name}: ${message}`;
}

function faultsOf({ code, message, details }: MusterError): readonly Pick<FieldFault, 'path' | 'message'>[] {
  if (code === 'CONFLICT') return [{ path: '', message: CHANGED }];
  return details.fields && details.fields.length > 0 ? details.fields : [{ path: '', message }];
}

/** Which row of the case and which column a fault is about. */
function placeOf(path: string): { readonly line: number; readonly column: Column | undefined } {
  const [, row, name = ''] = /^row\.(\d+)\.(.*)$/.exec(path) ?? [];
  if (row !== undefined) return { line: Number(row), column: columnNamed(name) };
  const plain = path.replace(/^input\./, '');
  const line = Number(/^lines\.(\d+)/.exec(plain)?.[1] ?? 0);
  let bare = plain.replace(/\.\d+/g, '');
  if (bare === 'place') bare = 'place.name';
  if (bare === 'consignment') bare = 'scene';
  return { line, column: columnAt(bare) ?? columnAt(bare.replace(/\.[^.]*$/, '')) };
}

function nameIn(mapping: ImportMapping | null, { name }: Column): string {
  return mapping?.columns.find(({ field }) => field === name)?.column ?? name;
}
