import { createHash, createHmac } from 'node:crypto';

import type { RecordFigures } from '#trends';

import {
  amountNoise,
  countNoise,
  FEWEST,
  KEYS,
  MOST_COUNTED,
  type NoiseStep,
} from '../../migrations/figures/noise-table.js';
import type { RandomOperation } from './random-operation.js';

/** A cell of a fixed table: what hidden records give to it, as it is told. */
export interface HiddenCell {
  readonly key: readonly string[];
  readonly records: number;
  /** In thousandths; null where it is not told. */
  readonly value: bigint | null;
}

export interface HiddenQuestion {
  /** Records that are hidden from the viewer. */
  readonly isHidden: (recordId: string) => boolean;
  readonly position: number;
  /** What a record stands under in the table; null where the filter leaves it out. */
  readonly keyOf: (record: RecordFigures) => readonly string[] | null;
  readonly measure: string;
  /** In thousandths. */
  readonly amountOf: (record: RecordFigures) => bigint;
}

/** The secret of an installation, as the table `figure_keys` holds it: keys of HMAC, padded. */
export interface Secret {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

/**
 * The cell-key method by hand: every third change of a cell, the records that stood in it then, the sum of their keys, and what the
 * tables say of it.
 */
export function hiddenCells(operation: RandomOperation, question: HiddenQuestion, secret: Secret): HiddenCell[] {
  const keys = new Map<string, readonly string[]>();
  for (const { figures } of operation.entries) {
    const key = figures && question.keyOf(figures);
    if (key) keys.set(key.join('|'), key);
  }
  return [...keys.values()].flatMap((key) => {
    const standing = standingIn(operation, question, key.join('|'));
    if (standing.length < FEWEST) return [];
    const cellKey = standing.reduce((sum, { recordId }) => sum + recordKey(recordId, secret), 0) % KEYS;
    const records = standing.length + look(noiseOfCount(standing.length), cellKey);
    if (records === 0) return [];
    const value =
      question.measure === 'VIOLATIONS'
        ? BigInt(records) * 1000n
        : amount(standing.map(question.amountOf), drawn(question.measure, cellKey, secret));
    return [{ key, records, value }];
  });
}

const OF_COUNTS = Array.from({ length: MOST_COUNTED - FEWEST + 1 }, (_, index) => countNoise(FEWEST + index));
const OF_AMOUNTS = amountNoise();

/** The look-up table for a count of hidden records; none where so few are told as none. */
export function noiseOfCount(records: number): readonly NoiseStep[] {
  return OF_COUNTS[Math.min(records, MOST_COUNTED) - FEWEST] ?? [];
}

/** The positions of all changes of hidden records that touch a cell. */
export function movesOf({ entries }: RandomOperation, question: HiddenQuestion, name: string): number[] {
  const hidden = hiddenEntries(entries, question);
  return hidden
    .filter(({ figures, position, recordId }) => {
      const before = hidden.findLast((entry) => entry.recordId === recordId && entry.position < position)?.figures;
      const touches = isIn(question, name, figures) || isIn(question, name, before);
      return touches && JSON.stringify(figures) !== JSON.stringify(before);
    })
    .map(({ position }) => position);
}

/** The records of the cell when its last third change had come. */
function standingIn(operation: RandomOperation, question: HiddenQuestion, name: string): RecordFigures[] {
  const moves = movesOf(operation, question, name);
  const released = moves[moves.length - (moves.length % 3) - 1] ?? 0;
  const hidden = hiddenEntries(operation.entries, question);
  const ids = [...new Set(hidden.map(({ recordId }) => recordId))];
  return ids
    .map((id) => hidden.findLast((entry) => entry.recordId === id && entry.position <= released)?.figures)
    .filter((figures) => isIn(question, name, figures));
}

function hiddenEntries(entries: RandomOperation['entries'], question: HiddenQuestion): RandomOperation['entries'] {
  return entries.filter(({ recordId, position }) => question.isHidden(recordId) && position <= question.position);
}

function isIn(
  question: HiddenQuestion,
  name: string,
  figures: RecordFigures | null | undefined,
): figures is RecordFigures {
  return Boolean(figures && question.keyOf(figures)?.join('|') === name);
}

function amount(contributions: readonly bigint[], tenths: number): bigint | null {
  const total = contributions.reduce((sum, each) => sum + each, 0n);
  const [largest = 0n, second = 0n] = contributions.toSorted((one, other) => (one > other ? -1 : 1));
  if (largest === 0n || 2n * (largest + second) > total) return null;
  const tenThousandths = total * 10n + largest * BigInt(tenths);
  return ((tenThousandths + 5_000n) / 10_000n) * 1000n;
}

function recordKey(id: string, { inner }: Secret): number {
  const key = Buffer.from(inner.map((byte) => byte ^ 0x36));
  return createHmac('sha256', key)
    .update(Buffer.from(id.replaceAll('-', ''), 'hex'))
    .digest()
    .readUInt32BE();
}

function drawn(measure: string, cellKey: number, { outer }: Secret): number {
  const block = Buffer.alloc(8);
  block.writeBigInt64BE(BigInt(cellKey));
  const key = createHash('sha256').update(outer).update(block).update(measure).digest().readUInt32BE();
  return look(OF_AMOUNTS, key);
}

function look(steps: readonly NoiseStep[], key: number): number {
  const step = steps.find(({ below }) => key < below);
  if (!step) throw new Error('A table has a step for each key.');
  return step.deviation;
}
