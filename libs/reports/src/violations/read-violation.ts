import { type Faults, optionalText } from '#platform';
import { checkPosition, checkUnlocode, Scene } from '#reference';

import type { ConsignmentContent, PlaceContent, ViolationContent } from '../records/content.js';
import { read, readBillOfLading, readCargoUnit, readRecord } from '../records/read-content.js';
import type { ConsignmentInput, PlaceInput } from '../records/record.inputs.js';
import { judgeRoute, readRoute } from '../records/routes.js';
import type { ViolationContentInput } from './violation.inputs.js';

const MOST_UNITS = 500;

/** Reads a violation into its canonical form and notes what is wrong with it, as far as no list is needed to tell. */
export function readViolation(faults: Faults, input: ViolationContentInput): ViolationContent {
  const { offenceFrom = null, offenceTo = null } = input;
  if (offenceFrom !== null && offenceTo !== null && offenceTo < offenceFrom) {
    faults.add('input.offenceTo', 'order', 'The last day of the offence comes before its first; give a later one.');
  }
  if (input.scene === Scene.CONSIGNMENT && !input.consignment) {
    faults.add('input.consignment', 'required', 'The scene CONSIGNMENT needs the consignment with its route.');
  }
  if (input.scene !== Scene.CONSIGNMENT && input.consignment) {
    faults.add(
      'input.consignment',
      'scene',
      `A consignment belongs to the scene CONSIGNMENT alone, not to ${input.scene}.`,
    );
  }
  return {
    ...readRecord(faults, input, input.detection),
    agencyId: input.agencyId,
    scene: input.scene,
    offenceFrom,
    offenceTo,
    place: readPlace(faults, input.place),
    consignment: input.consignment ? readConsignment(faults, input.consignment) : null,
  };
}

function readPlace(faults: Faults, input: PlaceInput): PlaceContent {
  const { latitude = null, longitude = null } = input;
  const unlocode = read(faults, 'input.place.unlocode', input.unlocode, checkUnlocode);
  const name = optionalText(faults, 'input.place.name', input.name, 300);
  if (latitude !== null || longitude !== null) {
    const position = checkPosition(latitude, longitude);
    if (!position.ok) {
      const field = latitude === null || Math.abs(latitude) > 90 ? 'latitude' : 'longitude';
      faults.add(`input.place.${field}`, position.rule, position.message);
    }
  } else if (unlocode === null && name === null) {
    faults.add('input.place', 'required', 'Say where it was found: a UN/LOCODE, coordinates or a name.');
  }
  return { unlocode, latitude, longitude, name };
}

function readConsignment(faults: Faults, input: ConsignmentInput): ConsignmentContent {
  const path = 'input.consignment';
  const route = readRoute(input.route);
  judgeRoute(faults, `${path}.route`, input.direction, route);
  const units = input.cargoUnits ?? [];
  if (units.length > MOST_UNITS) faults.add(`${path}.cargoUnits`, 'length', `Use at most ${MOST_UNITS} cargo units.`);
  return {
    transportMode: input.transportMode,
    direction: input.direction,
    route,
    cargoUnits: units.map((unit, index) => readCargoUnit(faults, `${path}.cargoUnits.${index}`, unit)),
    billOfLading: readBillOfLading(faults, `${path}.billOfLading`, input.billOfLading),
  };
}
