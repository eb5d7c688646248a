import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { canonical, fingerprint } from './fingerprint.js';

/** Exact decimals as clients send them, as the whole number of their billionths. */
const billionths = fc.bigInt({ min: 0n, max: 10n ** 29n - 1n });

/** Writes a number of billionths, with zeros that say nothing before and after it. */
function written(amount: bigint, before: number, after: number): string {
  const digits = amount.toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  const padded = `${fraction}${'0'.repeat(after)}`;
  return `${'0'.repeat(before)}${digits.slice(0, -9)}${padded === '' ? '' : `.${padded}`}`;
}

const FIELDS = ['quantity', 'netWeightKg', 'value'];

/** Contents as they are read: objects, lists, words and numbers, without decimals. */
const contents = fc.object({
  key: fc.string().filter((key) => !FIELDS.includes(key) && key !== '__proto__' && key !== 'toJSON'),
  values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)],
  withNullPrototype: false,
});

/** The same content with the keys of every object in another order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, unknown] => [key, turned(inner)])
      .reverse(),
  );
}

describe('the canonical form', () => {
  it('is the same for a decimal however it is written, and another for another', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FIELDS),
        fc.tuple(billionths, fc.nat(5), fc.nat(5)),
        fc.tuple(fc.nat(5), fc.nat(5)),
        fc.bigInt({ min: -3n, max: 3n }),
        (field, [amount, before, after], [otherBefore, otherAfter], more) => {
          const other = amount + more < 0n ? amount : amount + more;
          const one = canonical({ lines: [{ [field]: written(amount, before, after) }] });
          const two = canonical({ lines: [{ [field]: written(other, otherBefore, otherAfter) }] });
          expect(one === two).toBe(amount === other);
        },
      ),
    );
  });

  it('is the same whatever the order of the keys is, and keeps the order of lists', () => {
    fc.assert(fc.property(contents, (content) => expect(canonical(turned(content))).toBe(canonical(content))));
    expect(canonical({ transit: ['OM', 'AE'] })).not.toBe(canonical({ transit: ['AE', 'OM'] }));
  });

  it('is another for every other content', () => {
    fc.assert(
      fc.property(contents, contents, (one, other) => {
        const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(canonical(one) === canonical(other)).toBe(isSame);
      }),
    );
    expect(canonical({ persons: 0 })).not.toBe(canonical({ persons: null }));
    expect(canonical({ narrative: '22.50' })).not.toBe(canonical({ narrative: '22.5' }));
  });

  it('loses no digit', () => {
    expect(canonical({ quantity: '99999999999999999999.999999999' })).toBe(
      '{"quantity":"99999999999999999999.999999999"}',
    );
    expect(canonical({ quantity: '00.000000001000' })).toBe('{"quantity":"0.000000001"}');
    expect(canonical({ value: '10000000000000000000000.00' })).toBe('{"value":"10000000000000000000000"}');
  });
});

describe('the fingerprint', () => {
  it('is the SHA-256 of the canonical form, as PostgreSQL writes bytes', () => {
    fc.assert(
      fc.property(contents, (content) => {
        const digest = createHash('sha256').update(canonical(content), 'utf8').digest('hex');
        expect(fingerprint(content)).toBe(`\\x${digest}`);
      }),
    );
  });

  it('does not change from one version of Muster to the next: ids that were claimed are known by it', () => {
    expect(fingerprint({ scene: 'SITE', lines: [{ quantity: '22.50', unit: 'TONNE' }], persons: null })).toBe(
      `\\x${createHash('sha256').update('{"lines":[{"quantity":"22.5","unit":"TONNE"}],"persons":null,"scene":"SITE"}').digest('hex')}`,
    );
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([key, inner]) => [key, sorted(inner), 'field'])
    .sort(([one], [other]) => ((one as string) < (other as string) ? -1 : 1));
}
