import { type Faults, requiredText, optionalText } from '#platform';
import { checkSeal, checkSizeType } from '#reference';

import type { SeizureContent } from '../records/content.js';
import { read, readBillOfLading, readCargoUnit, readRecord } from '../records/read-content.js';
import { judgeRoute, readRoute } from '../records/routes.js';
import type { ReportSeizureInput } from './seizure.inputs.js';

const MOST_SEALS = 50;
const LONGEST_GOODS = 5_000;

/** Reads a seizure report into its canonical form and notes what is wrong with it, as far as no list is needed to tell. */
export function readSeizure(faults: Faults, input: ReportSeizureInput): SeizureContent {
  const route = readRoute(input.route);
  judgeRoute(faults, 'input.route', input.direction, route);
  const seals = input.seals ?? [];
  if (seals.length > MOST_SEALS) faults.add('input.seals', 'length', `Use at most ${MOST_SEALS} seals.`);
  return {
    ...readRecord(faults, input, input.detection),
    unitId: input.unitId,
    cargoUnit: readCargoUnit(faults, 'input.cargoUnit', input.cargoUnit),
    sizeType: read(faults, 'input.sizeType', input.sizeType, checkSizeType),
    seals: seals.map((seal, index) => readSeal(faults, `input.seals.${index}`, seal)),
    billOfLading: readBillOfLading(faults, 'input.billOfLading', input.billOfLading),
    carrier: optionalText(faults, 'input.carrier', input.carrier, 200),
    declaredGoods: requiredText(faults, 'input.declaredGoods', input.declaredGoods, LONGEST_GOODS),
    foundGoods: requiredText(faults, 'input.foundGoods', input.foundGoods, LONGEST_GOODS),
    riskIndicators: [...new Set(input.riskIndicators ?? [])].sort(),
    transportMode: input.transportMode,
    direction: input.direction,
    route,
    agencyIds: [...new Set(input.agencyIds ?? [])].sort(),
  };
}

function readSeal(faults: Faults, path: string, seal: string): string {
  const checked = checkSeal(seal);
  if (checked.ok) return checked.value;
  faults.add(path, checked.rule, checked.message);
  return seal;
}
