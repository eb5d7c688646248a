import { Decimal } from 'decimal.js';
import { Faults, isTimeZone, optionalText } from '#platform';
import {
  checkAirWaybill,
  checkAmount,
  checkBillOfLading,
  checkContainerNumber,
  checkCurrency,
  type Checked,
  checkGoodsCode,
  checkImoNumber,
  checkPostalItem,
  checkRailWagon,
  checkVehiclePlate,
} from '#reference';

import {
  CARGO_KINDS,
  type CargoKind,
  type CargoUnitContent,
  type LineContent,
  type RecordContent,
  type VesselContent,
} from './content.js';
import type { CargoUnitInput, CommodityLineInput, RecordInput, VesselInput } from './record.inputs.js';

export const MOST_LINES = 200;
const LONGEST_NARRATIVE = 20_000;
/** Far above any one find, and so that the sum over an operation stays an Int. */
const LARGEST_COUNT = 10_000;

const CHECKS: Readonly<Record<CargoKind, (text: string) => Checked>> = {
  container: checkContainerNumber,
  airWaybill: checkAirWaybill,
  vehicle: checkVehiclePlate,
  railWagon: checkRailWagon,
  postalItem: checkPostalItem,
};

/**
 * Reads what violations and seizures have in common into its canonical form, and notes what is wrong with it on the way. The form
 * is made whatever is wrong, because a repeat is recognised by it before anything is judged.
 */
export function readRecord(faults: Faults, input: RecordInput, detection: RecordContent['detection']): RecordContent {
  if (!isTimeZone(input.timeZone)) {
    faults.add('input.timeZone', 'time-zone', "Give the reporter's IANA time zone, such as Africa/Nairobi.");
  }
  if (input.lines.length === 0)
    faults.add('input.lines', 'required', 'Name at least one kind of goods with its quantity.');
  if (input.lines.length > MOST_LINES) faults.add('input.lines', 'length', `Use at most ${MOST_LINES} lines.`);
  return {
    detectedAt: input.detectedAt.toISOString(),
    timeZone: input.timeZone,
    crimeArea: input.crimeArea,
    nature: input.nature,
    detection,
    vessel: readVessel(faults, input.vessel),
    lines: input.lines.map((line, index) => readLine(faults, `input.lines.${index}`, line)),
    persons: readCount(faults, 'input.persons', input.persons),
    companies: readCount(faults, 'input.companies', input.companies),
    useRestriction: input.useRestriction,
    grading: input.grading ? { source: input.grading.source, information: input.grading.information } : null,
    narrative: optionalText(faults, 'input.narrative', input.narrative, LONGEST_NARRATIVE),
  };
}

/** The value of a check, or the text as it was given with the fault noted. */
export function read(
  faults: Faults,
  path: string,
  text: string | null | undefined,
  check: (text: string) => Checked,
): string | null {
  if (text === null || text === undefined || text.trim() === '') return null;
  const checked = check(text);
  if (checked.ok) return checked.value;
  faults.add(path, checked.rule, checked.message);
  return text;
}

export function readBillOfLading(faults: Faults, path: string, text: string | null | undefined): string | null {
  return read(faults, path, text, checkBillOfLading);
}

/** Reads a cargo unit: exactly one identifier, whose check digit may be wrong only where the sender confirms the mark. */
export function readCargoUnit(faults: Faults, path: string, input: CargoUnitInput): CargoUnitContent {
  const given = CARGO_KINDS.filter((kind) => input[kind] !== null && input[kind] !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    faults.add(path, 'one-of', `Give exactly one of ${CARGO_KINDS.join(', ')}.`);
    return {
      kind: kind ?? 'container',
      number: kind === undefined ? '' : (input[kind] ?? ''),
      asMarked: input.asMarked,
    };
  }
  const text = input[kind] ?? '';
  const checked = CHECKS[kind](text);
  // A mark that needs no confirmation is like any other, so that the report is not sent to review for nothing.
  if (checked.ok) return { kind, number: checked.value, asMarked: false };
  if (input.asMarked && checked.asMarkedValue !== undefined)
    return { kind, number: checked.asMarkedValue, asMarked: true };
  const hint = checked.asMarkedValue === undefined ? '' : ' If the unit is really marked so, send asMarked: true.';
  faults.add(`${path}.${kind}`, checked.rule, `${checked.message}${hint}`);
  return { kind, number: text, asMarked: input.asMarked };
}

/** Every usual writing of a cargo unit's number, as filters take it, in its stored forms. */
export function cargoNumbers(text: string): string[] {
  const forms = CARGO_KINDS.flatMap((kind) => {
    const checked = CHECKS[kind](text);
    return checked.ok ? checked.value : (checked.asMarkedValue ?? []);
  });
  return [...new Set([...forms, text.trim().toUpperCase()])];
}

function readVessel(faults: Faults, input: VesselInput | null | undefined): VesselContent | null {
  if (!input) return null;
  const vessel = {
    imo: read(faults, 'input.vessel.imo', input.imo, checkImoNumber),
    name: optionalText(faults, 'input.vessel.name', input.name, 200),
    flag: input.flag ?? null,
    voyage: optionalText(faults, 'input.vessel.voyage', input.voyage, 100),
  };
  return Object.values(vessel).some((value) => value !== null) ? vessel : null;
}

function readLine(faults: Faults, path: string, input: CommodityLineInput): LineContent {
  if (!isPositive(input.quantity)) faults.add(`${path}.quantity`, 'positive', 'Give a quantity of more than 0.');
  if (input.netWeightKg !== null && input.netWeightKg !== undefined && !isPositive(input.netWeightKg)) {
    faults.add(`${path}.netWeightKg`, 'positive', 'Give a weight of more than 0 kilograms, or leave it out.');
  }
  return {
    agreement: input.agreement,
    commodity: input.commodity.trim(),
    agreementReference: optionalText(faults, `${path}.agreementReference`, input.agreementReference, 100),
    hsCode: read(faults, `${path}.hsCode`, input.hsCode, (text) => {
      // The form alone: whether the edition in force has it is judged with the operation.
      const checked = checkGoodsCode(text, '2017');
      return checked.ok ? { ...checked, value: checked.value.hs + checked.value.national } : checked;
    }),
    quantity: input.quantity,
    unit: input.unit,
    basis: input.basis,
    netWeightKg: input.netWeightKg ?? null,
    ...readMoney(faults, path, input),
    valueBasis: input.valueBasis,
  };
}

function readMoney(faults: Faults, path: string, input: CommodityLineInput): Pick<LineContent, 'value' | 'currency'> {
  const value = input.value ?? null;
  const currency = read(faults, `${path}.currency`, input.currency, wasEverMoney);
  if (value !== null && currency === null)
    faults.add(`${path}.currency`, 'required', 'A value needs its currency (ISO 4217).');
  if (value === null && currency !== null) faults.add(`${path}.value`, 'required', 'A currency needs its value.');
  if (value !== null && new Decimal(value).isNegative()) {
    faults.add(`${path}.value`, 'positive', 'A value is not less than 0.');
  } else if (value !== null && currency !== null && wasEverMoney(currency).ok) {
    const amount = checkAmount(new Decimal(value).toFixed(), currency);
    if (!amount.ok) faults.add(`${path}.value`, amount.rule, amount.message);
  }
  return { value, currency };
}

/** Whether it still was money when the operation began is judged with the operation. */
function wasEverMoney(text: string): Checked {
  return checkCurrency(text, '0001-01-01');
}

function readCount(faults: Faults, path: string, count: number | null | undefined): number | null {
  if (count === null || count === undefined) return null;
  if (count < 0 || count > LARGEST_COUNT)
    faults.add(path, 'range', `Give a number from 0 to ${LARGEST_COUNT}, or leave it out.`);
  return count;
}

function isPositive(text: string): boolean {
  return new Decimal(text).greaterThan(0);
}
