import { Decimal } from 'decimal.js';

import { CARGO_KINDS, type CargoKind } from '../records/content.js';
import type { CommodityLine } from '../records/record.types.js';
import type { Violation } from '../violations/violation.js';
import { COLUMNS, TOLD } from './columns.js';
import type { Cell } from './sheet.js';

/** The cell of one line of a violation. */
type CellOf = (violation: Violation, line: CommodityLine) => Cell;

/** What a spreadsheet keeps of a number; one with more digits is written as text, so that it stays exact. */
const DIGITS = 15;

const CELLS: Readonly<Record<string, CellOf>> = {
  // Rows of one violation are one case when the file is imported.
  reference: ({ id }) => id,
  id: ({ id }) => id,
  detectedAt: ({ detectedAt }) => instant(detectedAt),
  timeZone: ({ timeZone }) => timeZone,
  scene: ({ scene }) => scene,
  crimeArea: ({ crimeArea }) => crimeArea,
  nature: ({ nature }) => nature,
  detection: ({ detection }) => detection,
  offenceFrom: ({ offenceFrom }) => offenceFrom ?? '',
  offenceTo: ({ offenceTo }) => offenceTo ?? '',
  unlocode: ({ place }) => place.unlocode ?? '',
  place: ({ place }) => place.name ?? '',
  latitude: ({ place }) => decimal(place.latitude),
  longitude: ({ place }) => decimal(place.longitude),
  transportMode: ({ consignment }) => consignment?.transportMode ?? '',
  direction: ({ consignment }) => consignment?.direction ?? '',
  origin: ({ consignment }) => consignment?.route.origin ?? '',
  transit: ({ consignment }) => list(consignment?.route.transit),
  destination: ({ consignment }) => consignment?.route.destination ?? '',
  ...(Object.fromEntries(CARGO_KINDS.map((kind) => [kind, unitsOf(kind)])) as Record<CargoKind, CellOf>),
  asMarked: ({ consignment }) => (consignment?.cargoUnits.some(({ asMarked }) => asMarked) ? 'YES' : ''),
  billOfLading: ({ consignment }) => consignment?.billOfLading ?? '',
  vesselImo: ({ vessel }) => vessel?.imo ?? '',
  vesselName: ({ vessel }) => vessel?.name ?? '',
  vesselFlag: ({ vessel }) => vessel?.flag ?? '',
  vesselVoyage: ({ vessel }) => vessel?.voyage ?? '',
  // With the first line alone, so that whoever adds a column up counts each once.
  persons: ({ persons, lines }, line) => (line === lines[0] ? decimal(persons) : ''),
  companies: ({ companies, lines }, line) => (line === lines[0] ? decimal(companies) : ''),
  useRestriction: ({ useRestriction }) => useRestriction,
  gradingSource: ({ grading }) => grading?.source ?? '',
  gradingInformation: ({ grading }) => grading?.information ?? '',
  narrative: ({ narrative }) => narrative ?? '',
  sharingLevel: ({ sharing }) => sharing.level,
  addCountries: ({ sharing }) => list(sharing.addCountries),
  leaveOutCountries: ({ sharing }) => list(sharing.leaveOutCountries),
  commodity: (_, { commodity }) => commodity.code,
  agreement: (_, { agreement }) => agreement,
  agreementReference: (_, { agreementReference }) => agreementReference ?? '',
  hsCode: (_, { hsCode }) => hsCode ?? '',
  quantity: (_, { quantity }) => decimal(quantity),
  unit: (_, { unit }) => unit,
  basis: (_, { basis }) => basis,
  netWeightKg: (_, { netWeightKg }) => decimal(netWeightKg),
  value: (_, { value }) => decimal(value),
  currency: (_, { currency }) => currency ?? '',
  valueBasis: (_, { valueBasis }) => valueBasis,
  version: ({ version }) => decimal(version),
  country: ({ country }) => country,
  agency: ({ agency }) => agency.name,
  portUnit: ({ unit }) => unit?.name ?? '',
  source: ({ source }) => source,
  placeCountry: ({ place }) => place.country ?? '',
  late: ({ late }) => yesOrNo(late),
  exercise: ({ exercise }) => yesOrNo(exercise),
  withdrawn: ({ withdrawn }) => yesOrNo(withdrawn),
  withdrawalReason: ({ withdrawalReason }) => withdrawalReason ?? '',
  recordedAt: ({ recordedAt }) => instant(recordedAt),
  commodityName: (_, { commodity }) => commodity.name,
  quantityKg: (_, { quantityKg }) => decimal(quantityKg),
  valueUsd: (_, { valueUsd }) => decimal(valueUsd),
  rateDate: (_, { rateDate }) => rateDate ?? '',
};

/** The columns of an export: those that an import reads, and more. */
export const HEADER: readonly string[] = [...COLUMNS.map(({ name }) => name), ...TOLD];

/** A violation as rows of a table, one for each of its lines. */
export function rowsOf(violation: Violation): Cell[][] {
  return violation.lines.map((line) => HEADER.map((name) => CELLS[name]?.(violation, line) ?? ''));
}

/** A violation as one object: the fields of Violation, with the codes of commodities and without ids of people. */
export function objectOf(violation: Violation): object {
  const { consignment, sharing, lines } = violation;
  return {
    ...violation,
    consignment: consignment && {
      ...consignment,
      cargoUnits: consignment.cargoUnits.map(({ asMarked, ...unit }) => ({
        ...Object.fromEntries(Object.entries(unit).filter(([, number]) => number !== null)),
        ...(asMarked ? { asMarked } : {}),
      })),
    },
    sharing: {
      level: sharing.level,
      addCountries: sharing.addCountries,
      leaveOutCountries: sharing.leaveOutCountries,
    },
    lines: lines.map(({ commodity: { code, name }, ...line }) => ({ ...line, commodity: code, commodityName: name })),
  };
}

function unitsOf(kind: CargoKind): CellOf {
  return ({ consignment }) => list(consignment?.cargoUnits.flatMap((unit) => unit[kind] ?? []));
}

function instant(at: Date): string {
  return at.toISOString().replace('.000Z', 'Z');
}

function decimal(value: string | number | null): Cell {
  if (value === null) return '';
  const number = new Decimal(value);
  const text = typeof value === 'string' ? value : number.toFixed();
  return number.precision(true) <= DIGITS ? { number: text } : text;
}

function list(values: readonly string[] | null | undefined): string {
  return (values ?? []).join('; ');
}

function yesOrNo(is: boolean): string {
  return is ? 'YES' : 'NO';
}
