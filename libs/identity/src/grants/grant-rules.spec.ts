import { type Actor, Faults, type MusterError, partOfMuster, Role } from '#platform';

import { checkShape, type GrantShape, mayGrant, mayKnowOf } from './grant-rules.js';

const SEA = 'operation-at-sea';

function shape(role: Role, parts: Partial<GrantShape> = {}): GrantShape {
  return { role, operationId: null, country: null, unitId: null, ...parts };
}

function holder(role: Role, parts: Partial<GrantShape> = {}): Actor {
  return { ...partOfMuster('test'), userId: 'me', grants: [{ ...shape(role, parts), participation: null }] };
}

function faultyPaths(grant: GrantShape): readonly string[] {
  const faults = new Faults();
  checkShape(grant, 'input', faults);
  try {
    faults.throwIfAny();
    return [];
  } catch (error) {
    return ((error as MusterError).details.fields ?? []).map(({ path }) => path);
  }
}

const inSea = { operationId: SEA };
const ofKenya = { country: 'KE' };
const inUnit = { unitId: 'mombasa' };

test.each<[Role, Partial<GrantShape>]>([
  [Role.ADMINISTRATOR, {}],
  [Role.HUB, {}],
  [Role.ANALYST, {}],
  [Role.ANALYST, inSea],
  [Role.ANALYST, { ...inSea, ...ofKenya }],
  [Role.NATIONAL_COORDINATOR, ofKenya],
  [Role.NATIONAL_COORDINATOR, { ...inSea, ...ofKenya }],
  [Role.AGENCY_OFFICER, { ...inSea, ...ofKenya }],
  [Role.PORT_UNIT_OFFICER, { ...inSea, ...inUnit }],
  [Role.PORT_UNIT_OFFICER, { ...inSea, ...inUnit, ...ofKenya }],
  [Role.OBSERVER, inSea],
  [Role.OBSERVER, { ...inSea, ...ofKenya }],
])('%s may be held with %j', (role, parts) => {
  expect(faultyPaths(shape(role, parts))).toEqual([]);
});

test.each<[Role, Partial<GrantShape>, readonly string[]]>([
  [Role.ADMINISTRATOR, { ...inSea, ...ofKenya, ...inUnit }, ['input.operationId', 'input.country', 'input.unitId']],
  [Role.HUB, { ...inSea, ...ofKenya }, ['input.operationId', 'input.country']],
  [Role.ANALYST, ofKenya, ['input.operationId']],
  [Role.ANALYST, inUnit, ['input.unitId']],
  [Role.NATIONAL_COORDINATOR, {}, ['input.country']],
  [Role.AGENCY_OFFICER, {}, ['input.operationId', 'input.country']],
  [Role.AGENCY_OFFICER, { ...inSea, ...ofKenya, ...inUnit }, ['input.unitId']],
  [Role.PORT_UNIT_OFFICER, ofKenya, ['input.operationId', 'input.unitId']],
  [Role.OBSERVER, ofKenya, ['input.operationId']],
])('%s is not held with %j, and each wrong part is named', (role, parts, paths) => {
  expect(faultyPaths(shape(role, parts))).toEqual(paths);
});

describe('who may give what', () => {
  const givers = {
    administrator: holder(Role.ADMINISTRATOR),
    hub: holder(Role.HUB),
    'coordinator of KE': holder(Role.NATIONAL_COORDINATOR, ofKenya),
    'coordinator of KE at sea': holder(Role.NATIONAL_COORDINATOR, { ...inSea, ...ofKenya }),
    'coordinator of TZ': holder(Role.NATIONAL_COORDINATOR, { country: 'TZ' }),
    'analyst of the hub': holder(Role.ANALYST),
    'agency officer of KE': holder(Role.AGENCY_OFFICER, { ...inSea, ...ofKenya }),
    observer: holder(Role.OBSERVER, inSea),
  };
  const coordinatorsOfKenya = ['coordinator of KE', 'coordinator of KE at sea'];

  test.each<[string, GrantShape, readonly string[]]>([
    ['an administrator', shape(Role.ADMINISTRATOR), ['administrator']],
    ['a hub officer', shape(Role.HUB), ['administrator']],
    ['an analyst of the hub', shape(Role.ANALYST), ['administrator', 'hub']],
    ['an analyst of the hub at sea', shape(Role.ANALYST, inSea), ['administrator', 'hub']],
    ['an analyst of KE', shape(Role.ANALYST, { ...inSea, ...ofKenya }), ['administrator', ...coordinatorsOfKenya]],
    ['a coordinator of KE', shape(Role.NATIONAL_COORDINATOR, ofKenya), ['administrator']],
    [
      'an agency officer of KE',
      shape(Role.AGENCY_OFFICER, { ...inSea, ...ofKenya }),
      ['administrator', ...coordinatorsOfKenya],
    ],
    [
      'a port unit officer of KE',
      shape(Role.PORT_UNIT_OFFICER, { ...inSea, ...ofKenya, ...inUnit }),
      ['administrator', ...coordinatorsOfKenya],
    ],
    ['an observer', shape(Role.OBSERVER, inSea), ['administrator', 'hub']],
    ['an observer for KE', shape(Role.OBSERVER, { ...inSea, ...ofKenya }), ['administrator', 'hub']],
  ])('%s', (_, grant, expected) => {
    const may = Object.entries(givers).flatMap(([name, actor]) => (mayGrant(actor, grant) ? [name] : []));
    expect(may).toEqual(expected);
  });
});

test('a coordinator of one operation knows nothing of grants in another, nor of standing ones', () => {
  const atSea = holder(Role.NATIONAL_COORDINATOR, { ...inSea, ...ofKenya });
  const grantIn = (operationId: string | null, country: string): GrantShape & { userId: string } => ({
    ...shape(Role.AGENCY_OFFICER, { operationId, country }),
    userId: 'somebody',
  });
  expect(mayKnowOf(atSea, grantIn(SEA, 'KE'))).toBe(true);
  expect(mayKnowOf(atSea, grantIn('another', 'KE'))).toBe(false);
  expect(mayKnowOf(atSea, grantIn(null, 'KE'))).toBe(false);
  expect(mayKnowOf(atSea, grantIn(SEA, 'TZ'))).toBe(false);
  expect(mayKnowOf(holder(Role.NATIONAL_COORDINATOR, ofKenya), grantIn('another', 'KE'))).toBe(true);
});
