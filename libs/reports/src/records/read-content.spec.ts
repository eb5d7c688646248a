import fc from 'fast-check';
import { Faults, type FieldFault, MusterError } from '#platform';
import {
  Agreement,
  CrimeArea,
  DetectionMethod,
  OffenceNature,
  QuantityBasis,
  QuantityUnit,
  ValueBasis,
} from '#reference';

import { UseRestriction } from '../vocabulary.js';
import { CARGO_KINDS, type CargoUnitContent, type RecordContent } from './content.js';
import { cargoNumbers, readCargoUnit, readRecord } from './read-content.js';
import type { CargoUnitInput, CommodityLineInput, RecordInput } from './record.inputs.js';

function found(faults: Faults): readonly FieldFault[] {
  try {
    faults.throwIfAny();
    return [];
  } catch (error) {
    return (error as MusterError).details.fields ?? [];
  }
}

function readUnit(input: Partial<CargoUnitInput>): { unit: CargoUnitContent; faults: readonly FieldFault[] } {
  const faults = new Faults();
  const unit = readCargoUnit(faults, 'unit', { asMarked: false, ...input });
  return { unit, faults: found(faults) };
}

function readAll(change: Partial<RecordInput> = {}): { content: RecordContent; faults: readonly FieldFault[] } {
  const faults = new Faults();
  const input: RecordInput = {
    detectedAt: new Date('2026-06-14T08:30:00Z'),
    timeZone: 'Africa/Nairobi',
    crimeArea: CrimeArea.POLLUTION,
    nature: OffenceNature.CRIMINAL,
    lines: [line()],
    useRestriction: UseRestriction.NONE,
    ...change,
  };
  return { content: readRecord(faults, input, DetectionMethod.CHANCE), faults: found(faults) };
}

const line = (change: Partial<CommodityLineInput> = {}): CommodityLineInput => ({
  agreement: Agreement.BASEL,
  commodity: 'household-waste',
  quantity: '1',
  unit: QuantityUnit.KG,
  basis: QuantityBasis.ESTIMATED,
  valueBasis: ValueBasis.ESTIMATED,
  ...change,
});

/** A number in groups, in small letters or great, with what may stand between its characters. */
const painted = (number: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...[...number].map((character) =>
        fc.tuple(fc.constantFrom(character, character.toLowerCase()), fc.constantFrom('', '', ' ', '-')),
      ),
    )
    .map((pieces) => pieces.map(([character, gap]) => character + gap).join(''));

const RIGHT = [
  ['container', 'CSQU3054383'],
  ['container', 'MSCU1000070'],
  ['airWaybill', '02012345675'],
  ['railWagon', '218124712173'],
  ['postalItem', 'RR473124829GB'],
  ['vehicle', 'KBX123A'],
] as const;

/** Where the check digit stands. */
const DIGIT = { container: 10, airWaybill: 10, railWagon: 11, postalItem: 10 } as const;

describe('a cargo unit', () => {
  it.each(RIGHT)('%s %s is read alike however it is painted, and found by every writing', (kind, number) => {
    fc.assert(
      fc.property(painted(number), fc.boolean(), (text, asMarked) => {
        expect(readUnit({ [kind]: text, asMarked })).toEqual({ unit: { kind, number, asMarked: false }, faults: [] });
        expect(cargoNumbers(text)).toContain(number);
      }),
    );
  });

  it.each(RIGHT.filter(([kind]) => kind !== 'vehicle'))(
    '%s %s with any wrong digit names the right one, unless it is marked so',
    (kind, number) => {
      const place = DIGIT[kind as keyof typeof DIGIT];
      const right = number.charAt(place);
      for (const digit of '0123456789'.replace(right, '')) {
        const wrong = `${number.slice(0, place)}${digit}${number.slice(place + 1)}`;
        const [fault, ...others] = readUnit({ [kind]: wrong }).faults;
        expect(others).toEqual([]);
        expect(fault).toMatchObject({ path: `unit.${kind}`, rule: 'check-digit' });
        expect(fault?.message).toMatch(new RegExp(`is ${right}, not ${digit}\\..*asMarked: true`));
        expect(readUnit({ [kind]: wrong, asMarked: true })).toEqual({
          unit: { kind, number: wrong, asMarked: true },
          faults: [],
        });
        expect(cargoNumbers(wrong)).toContain(wrong);
      }
    },
  );

  it('is exactly one of the five', () => {
    fc.assert(
      fc.property(fc.subarray([...CARGO_KINDS]), fc.boolean(), (kinds, asMarked) => {
        const { faults } = readUnit({ asMarked, ...Object.fromEntries(kinds.map((kind) => [kind, 'x'])) });
        expect(faults.some(({ path, rule }) => path === 'unit' && rule === 'one-of')).toBe(kinds.length !== 1);
      }),
    );
    expect(readUnit({ container: 'CSQU3054383', vehicle: null, airWaybill: undefined }).faults).toEqual([]);
  });

  it('of any text is taken in a form that is read as itself, or refused at its field', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[A-Z]{4}[0-9]{7}$/),
      fc.stringMatching(/^[ -~]{0,20}$/),
    );
    fc.assert(
      fc.property(fc.constantFrom(...CARGO_KINDS), texts, fc.boolean(), (kind, text, asMarked) => {
        const { unit, faults } = readUnit({ [kind]: text, asMarked });
        if (faults.length > 0) expect(faults.map(({ path }) => path)).toEqual([`unit.${kind}`]);
        else expect(readUnit({ [kind]: unit.number, asMarked: unit.asMarked })).toEqual({ unit, faults: [] });
        expect(unit.kind).toBe(kind);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a record', () => {
  it('of any words is read in a form that is read as itself', () => {
    const words = fc.option(fc.string({ unit: 'binary', maxLength: 30 }), { nil: undefined });
    fc.assert(
      fc.property(words, words, words, words, words, (narrative, name, voyage, agreementReference, hsCode) => {
        const first = readAll({ narrative, vessel: { name, voyage }, lines: [line({ agreementReference, hsCode })] });
        const { content } = first;
        const again = readAll({
          narrative: content.narrative,
          vessel: content.vessel,
          lines: content.lines.map((told) => ({ ...told })),
        });
        expect(again.content).toEqual(content);
        expect(content.narrative).not.toBe('');
      }),
    );
  });

  it('says nothing in one way: null, absent and blank are the same', () => {
    const { content } = readAll();
    const blank = readAll({
      vessel: { imo: ' ', name: '', flag: null, voyage: '\n' },
      persons: null,
      grading: null,
      narrative: '\t',
      lines: [line({ hsCode: '', agreementReference: ' ', value: null, currency: '', netWeightKg: null })],
    });
    expect(blank).toEqual({ content, faults: [] });
    expect(content).toMatchObject({ vessel: null, persons: null, companies: null, grading: null, narrative: null });
  });

  it('counts from none to ten thousand', () => {
    fc.assert(
      fc.property(fc.integer(), (count) => {
        const { faults, content } = readAll({ persons: count, companies: count });
        const isRight = count >= 0 && count <= 10_000;
        expect(faults.map(({ path }) => path)).toEqual(isRight ? [] : ['input.persons', 'input.companies']);
        expect(content.persons).toBe(count);
      }),
    );
    for (const count of [0, 10_000]) expect(readAll({ persons: count }).faults).toEqual([]);
    for (const count of [-1, 10_001]) expect(readAll({ persons: count }).faults).toHaveLength(1);
  });

  it('has a quantity of more than nothing, and a value that is not less than nothing', () => {
    const decimal = fc
      .tuple(fc.constantFrom('', '-'), fc.stringMatching(/^[0-9]{1,20}$/), fc.option(fc.stringMatching(/^[0-9]{1,9}$/)))
      .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);
    fc.assert(
      fc.property(decimal, (text) => {
        const isSomething = /[1-9]/.test(text) && !text.startsWith('-');
        const { faults } = readAll({ lines: [line({ quantity: text, netWeightKg: text })] });
        const paths = ['input.lines.0.quantity', 'input.lines.0.netWeightKg'];
        expect(faults.map(({ path }) => path)).toEqual(isSomething ? [] : paths);
        // The dinar of Kuwait has three decimals.
        const money = readAll({ lines: [line({ value: text, currency: 'kwd' })] });
        const isMoney = !text.startsWith('-') && !/\.\d{3}\d*[1-9]/.test(text);
        expect(money.faults.map(({ path }) => path)).toEqual(isMoney ? [] : ['input.lines.0.value']);
        expect(money.content.lines[0]).toMatchObject({ value: text, currency: 'KWD' });
      }),
    );
  });

  it('names value and currency together', () => {
    const faults = (change: Partial<CommodityLineInput>): string[] =>
      readAll({ lines: [line(change)] }).faults.map(({ path }) => path);
    expect(faults({ value: '1' })).toEqual(['input.lines.0.currency']);
    expect(faults({ currency: 'USD' })).toEqual(['input.lines.0.value']);
    expect(faults({ value: '1', currency: 'XXX' })).toEqual(['input.lines.0.currency']);
    // Whether it still was money when the operation began is asked with the operation.
    expect(faults({ value: '1', currency: 'HRK' })).toEqual([]);
  });

  it('notes every wrong line at its own path', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (rights) => {
        const { faults } = readAll({ lines: rights.map((isRight) => line({ quantity: isRight ? '1' : '0' })) });
        const wrong = rights.flatMap((isRight, index) => (isRight ? [] : [`input.lines.${index}.quantity`]));
        expect(faults.map(({ path }) => path)).toEqual(wrong);
      }),
    );
  });

  it('has one to two hundred lines', () => {
    const lines = (count: number): FieldFault[] => [
      ...readAll({ lines: Array.from({ length: count }, () => line()) }).faults,
    ];
    expect(lines(0)).toMatchObject([{ path: 'input.lines', rule: 'required' }]);
    expect(lines(200)).toEqual([]);
    expect(lines(201)).toMatchObject([{ path: 'input.lines', rule: 'length' }]);
  });
});
