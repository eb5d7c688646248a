import type { Cursors, Faults } from '#platform';

import { LARGEST_PAGE, type Page } from './record.types.js';

export interface PageRequest {
  readonly first: number;
  /** The place in the order that the page begins after; undefined for the first page. */
  readonly after: number | undefined;
}

/** Reads what a client asks of a list, and notes what is wrong with it. @param list as the cursors know it */
export function readPageRequest(
  faults: Faults,
  cursors: Cursors,
  list: string,
  first: number,
  after: string | null | undefined,
): PageRequest {
  if (first < 1 || first > LARGEST_PAGE) faults.add('first', 'range', `Ask for 1 to ${LARGEST_PAGE} at once.`);
  const position = after === null || after === undefined ? undefined : cursors.decode(list, after);
  if (after !== null && after !== undefined && position === undefined) {
    faults.add('after', 'cursor', 'Give a cursor of this list, as it was received.');
  }
  return { first, after: position };
}

/** Makes a page from one item more than was asked for; the last tells whether there are more. */
export function pageOf<Node>(
  cursors: Cursors,
  list: string,
  { first, after }: PageRequest,
  items: readonly { readonly arrival: number; readonly node: Node }[],
  totalCount: () => Promise<number>,
): Page<Node> {
  const edges = items.slice(0, first).map(({ arrival, node }) => ({ cursor: cursors.encode(list, arrival), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: items.length > first,
      hasPreviousPage: after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}
