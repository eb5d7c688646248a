import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { canonicalJson } from './canonical.js';
import { entryForm, type EntryRow, hashEntry, type Place } from './entry-form.js';

const ENTRY: EntryRow = {
  id: '42',
  at: '2026-03-01T08:00:00.123000Z',
  actor_id: '018f0000-0000-7000-8000-00000000000a',
  part: null,
  action: 'violation.corrected',
  subject_id: '018f0000-0000-7000-8000-00000000000b',
  version: 2,
  details: '{"reason": "Gewogen: 22,5 t", "changes": {"persons": [2, 3]}}',
};
const PLACE: Place = {
  chain: '018f0000-0000-7000-8000-000000000001',
  seq: 7,
  previous: Buffer.alloc(32, 0xab),
  sealedAt: '2026-03-01T08:00:01.000000Z',
};

test('the canonical form has its names in the order of their code units, and texts as RFC 8785 writes them', () => {
  // The names are those of the scheme's own example of an order (section 3.2.3), the text that of section 3.2.2.
  const names = {
    '\u20ac': 'a',
    '\r': 'b',
    '\ufb33': 'c',
    '1': 'd',
    '\ud83d\ude00': 'e',
    '\u0080': 'f',
    '\u00f6': 'g',
  };
  expect([...canonicalJson(names).matchAll(/:"(.)"/g)].map(([, letter]) => letter).join('')).toBe('bdfgaec');
  expect(canonicalJson({ text: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/' })).toBe(
    '{"text":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  expect(canonicalJson({ b: 10, a: null, d: true, c: ['x', 'y'] })).toBe('{"a":null,"b":10,"c":["x","y"],"d":true}');
});

test.each([0.1, 2 ** 53, Number.NaN])('%p, which is not whole and exact, has no canonical form', (number) => {
  expect(() => canonicalJson({ number })).toThrow('has no one form');
});

test('half a character has no canonical form', () => {
  expect(() => canonicalJson({ text: '\ud83d' })).toThrow('no Unicode');
});

test('the form of an entry is known for good: what was sealed once must verify for ever', () => {
  expect(entryForm(ENTRY, PLACE)).toBe(
    '{"action":"violation.corrected","actorId":"018f0000-0000-7000-8000-00000000000a","at":"2026-03-01T08:00:00.123000Z",' +
      '"chain":"018f0000-0000-7000-8000-000000000001",' +
      '"details":"{\\"reason\\": \\"Gewogen: 22,5 t\\", \\"changes\\": {\\"persons\\": [2, 3]}}","form":"muster.audit.entry.1","id":"42",' +
      '"part":null,"previous":"abababababababababababababababababababababababababababababababab","sealedAt":"2026-03-01T08:00:01.000000Z",' +
      '"seq":7,"subjectId":"018f0000-0000-7000-8000-00000000000b","version":2}',
  );
  expect(hashEntry(ENTRY, PLACE)).toEqual(createHash('sha256').update(entryForm(ENTRY, PLACE)).digest());
});

test('another tool computes the same hash from the form', () => {
  const told = execFileSync('sha256sum', { input: entryForm(ENTRY, PLACE) }).toString();
  expect(told.slice(0, 64)).toBe(hashEntry(ENTRY, PLACE).toString('hex'));
});

test('two entries, or places, that differ anywhere have different forms', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 8 });
  const maybe = fc.option(text);
  const entry = fc.record({
    id: text,
    at: text,
    actor_id: maybe,
    part: maybe,
    action: text,
    subject_id: maybe,
    version: fc.option(fc.nat(3)),
    details: text,
  });
  const place = fc.record({
    chain: text,
    seq: fc.nat(3),
    previous: fc.option(fc.uint8Array({ minLength: 1, maxLength: 2 })),
    sealedAt: text,
  });
  const plain = (value: unknown): string => JSON.stringify(value);
  fc.assert(
    fc.property(fc.tuple(entry, place), fc.tuple(entry, place), ([one, here], [other, there]) => {
      const isSame = plain([one, here]) === plain([other, there]);
      expect(entryForm(one, here) === entryForm(other, there)).toBe(isSame);
    }),
  );
  fc.assert(
    fc.property(entry, place, fc.constantFrom(...Object.keys(ENTRY)), (one, here, field) => {
      const other = { ...one, [field]: field === 'version' ? 9 : 'something that no text of eight can be' };
      expect(entryForm(other, here)).not.toBe(entryForm(one, here));
    }),
  );
});
