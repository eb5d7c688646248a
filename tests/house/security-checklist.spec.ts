import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '../setup/program.js';

const text = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8');

/** Requirements of levels 1 and 2 in each chapter of the standard, 5.0.0. */
const REQUIREMENTS = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];

const STATES = ['holds', 'not ours', 'operator', 'open'];

interface Row {
  readonly number: string;
  readonly state: string;
  readonly evidence: string;
}

const rows: readonly Row[] = [...text.matchAll(/^\| (\d+\.\d+\.\d+) +\|[^|]*\| ([a-z ]+?) +\| (.*?) +\|$/gm)].map(
  ([, number = '', state = '', evidence = '']) => ({ number, state, evidence }),
);

test('every requirement of levels 1 and 2 is judged, once', () => {
  const chapters = REQUIREMENTS.map((_, chapter) => rows.filter(({ number }) => number.startsWith(`${chapter + 1}.`)));
  expect(chapters.map((chapter) => chapter.length)).toEqual(REQUIREMENTS);
  expect(new Set(rows.map(({ number }) => number)).size).toBe(rows.length);
});

test('each has one of the states that the page explains, and a word of evidence', () => {
  for (const { number, state, evidence } of rows) {
    expect({ number, isState: STATES.includes(state) }).toEqual({ number, isState: true });
    expect({ number, hasEvidence: evidence.length > 3 }).toEqual({ number, hasEvidence: true });
  }
});

test('what is shown as evidence is there', () => {
  const shown = new Set(
    [...text.matchAll(/`([\w./-]+\/[\w./-]+\.(?:ts|md|mjs))`|`(docs\/[\w./-]+)`/g)].map(
      ([, path, doc]) => path ?? doc ?? '',
    ),
  );
  expect(shown.size).toBeGreaterThan(40);
  expect([...shown].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
