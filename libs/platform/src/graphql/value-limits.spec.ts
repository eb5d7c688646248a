import { checkSize, longestList, mostValues } from './value-limits.js';

it('the longest list and the most values are taken, one more is not', () => {
  expect(() => checkSize({ a: Array(longestList).fill(1) })).not.toThrow();
  expect(() => checkSize({ a: { b: [Array(longestList + 1).fill(1)] } })).toThrow('list is too long');
  const lists = (count: number): unknown[] =>
    Array.from({ length: count }, () => Array<string>(longestList - 1).fill('x'));
  expect(() => checkSize({ a: lists(mostValues / longestList - 1) })).not.toThrow();
  expect(() => checkSize({ a: lists(mostValues / longestList + 1) })).toThrow('too large');
});

it('values nested as deep as JSON goes are counted without ending the stack', () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 15_000; depth += 1) value = [value];
  expect(() => checkSize({ value })).not.toThrow();
  for (let depth = 0; depth < 15_000; depth += 1) value = { value };
  expect(() => checkSize({ value })).toThrow('too large');
});
