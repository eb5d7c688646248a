import fc from 'fast-check';

import { checkBillOfLading, checkSeal } from './opaque-text.js';
import { checkSizeType } from './size-type.js';
import { checkVehiclePlate } from './vehicle-plate.js';

const printable = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 35,
});

test('a seal and a bill of lading are kept as written, without the spaces around', () => {
  fc.assert(
    fc.property(printable, (text) => {
      expect(checkSeal(` ${text} `)).toEqual({ ok: true, value: text });
      expect(checkBillOfLading(` ${text} `)).toEqual({ ok: true, value: text });
    }),
  );
});

test.each([
  [checkSeal, ''],
  [checkSeal, '   '],
  [checkSeal, 'x'.repeat(36)],
  [checkBillOfLading, 'x'.repeat(71)],
])('%p refuses %j for its length', (check, text) => {
  expect(check(text)).toMatchObject({ ok: false, rule: 'form' });
});

test('a seal with digits of another script is refused', () => {
  expect(checkSeal('KE-٣٠٥')).toMatchObject({ ok: false, rule: 'non-ascii' });
});

test.each(['KBX 123A', 'kbx-123a', ' KBX123A '])('the plate %j is one vehicle with KBX123A', (plate) => {
  expect(checkVehiclePlate(plate)).toEqual({ ok: true, value: 'KBX123A' });
});

test.each(['', ' - ', '...', 'A'.repeat(21)])('the plate %j is refused', (plate) => {
  expect(checkVehiclePlate(plate)).toMatchObject({ ok: false, rule: 'form' });
});

test('a plate in another script is refused, and the officer is told where to find its Latin form', () => {
  expect(checkVehiclePlate('А123ВС77')).toMatchObject({
    ok: false,
    rule: 'non-ascii',
    message: expect.stringContaining('Latin letters') as string,
  });
});

test.each([
  ['22g1', '22G1'],
  ['45R1', '45R1'],
  ['22 GP', '22GP'],
  ['L5G1', 'L5G1'],
  ['2210', '2210'],
])('size and type %s are taken as %s', (text, value) => {
  expect(checkSizeType(text)).toEqual({ ok: true, value });
});

test.each(['', '22G', '22G11', '02G1', 'Z2G1', '22.1'])('size and type %j are refused', (text) => {
  expect(checkSizeType(text)).toMatchObject({ ok: false, rule: 'form' });
});
