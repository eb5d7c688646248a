import { checkImoCompanyNumber, checkImoNumber } from './imo-number.js';

test('a wrong check digit of a ship is refused with the right one named', () => {
  expect(checkImoNumber('IMO 9074728')).toEqual({
    ok: false,
    rule: 'check-digit',
    message: 'The check digit of 907472 is 9, not 8.',
    asMarkedValue: '9074728',
  });
});

test("a company's number in a ship's place is refused and told apart", () => {
  expect(checkImoNumber('2041999')).toMatchObject({
    ok: false,
    rule: 'check-digit',
    message: expect.stringContaining('company') as string,
  });
  expect(checkImoCompanyNumber('IMO 2041999')).toEqual({ ok: true, value: '2041999' });
});

test("a wrong check digit of a company's number is refused with the right one named", () => {
  expect(checkImoCompanyNumber('2041998')).toMatchObject({
    ok: false,
    message: 'The check digit of 204199 is 9, not 8.',
  });
});
