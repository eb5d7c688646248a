import fc from 'fast-check';
import { Faults, MusterError } from '#platform';

import { SharingLevel } from '../vocabulary.js';
import { type CeilingCase, judgeCeiling, type Limits, type NamedPerson, newlyTold } from './ceiling-rule.js';

const LEVELS = Object.values(SharingLevel);
const CODES = ['BR', 'NL', 'OM', 'TZ'] as const;
const codes = fc.uniqueArray(fc.constantFrom(...CODES));
const of = (...countries: string[]): NamedPerson => ({ countries, hub: false, observer: false });
const PEOPLE = {
  own: of('KE'),
  hub: { ...of(), hub: true },
  brazilian: of('BR'),
  omani: of('OM'),
  omanisObserver: { ...of('OM'), observer: true },
  seconded: of('KE', 'OM'),
  observer: { ...of(), observer: true },
  unknown: of(),
};

const limits = fc.record({
  highestLevel: fc.constantFrom(...LEVELS.slice(0, 4)),
  allowCountries: fc.option(codes),
  denyCountries: codes,
  bindsCoordinators: fc.boolean(),
});
const sharing = fc.record({
  level: fc.constantFrom(...LEVELS),
  addCountries: codes,
  leaveOutCountries: codes,
  nameUserIds: fc.uniqueArray(fc.constantFrom(...Object.keys(PEOPLE))),
});

function faultsOf(given: Parameters<typeof judgeCeiling>[2], by: Partial<CeilingCase>): string[] {
  const faults = new Faults();
  const whole = { limits: null, owner: 'KE', concerned: [], people: PEOPLE, ...by };
  judgeCeiling(faults, 'sharing', given, whole);
  try {
    faults.throwIfAny();
    return [];
  } catch (error) {
    return (error as MusterError).details.fields?.map(({ path }) => path) ?? [];
  }
}

const AMBER: Limits = {
  highestLevel: SharingLevel.AMBER,
  allowCountries: null,
  denyCountries: ['OM'],
  bindsCoordinators: false,
};

test('what passes is no wider than the ceiling and tells no denied country by any way', () => {
  fc.assert(
    fc.property(limits, sharing, codes, (set, given, concerned) => {
      if (faultsOf(given, { limits: set, concerned }).length > 0) return;
      expect(LEVELS.indexOf(given.level)).toBeLessThanOrEqual(LEVELS.indexOf(set.highestLevel));
      const named = given.nameUserIds.flatMap((id) => PEOPLE[id as keyof typeof PEOPLE].countries);
      for (const code of [...given.addCountries, ...named.filter((country) => country !== 'KE')]) {
        expect(set.denyCountries).not.toContain(code);
        if (set.allowCountries) expect(set.allowCountries).toContain(code);
      }
      const byLevel = given.level === SharingLevel.GREEN ? CODES : given.level === SharingLevel.AMBER ? concerned : [];
      for (const code of byLevel) {
        if (set.denyCountries.includes(code)) expect(given.leaveOutCountries).toContain(code);
      }
    }),
  );
});

test('a country that has set no ceiling lets everything be shared', () => {
  fc.assert(fc.property(sharing, codes, (given, concerned) => faultsOf(given, { concerned }).length === 0));
});

test('each fault names the field that is to be mended', () => {
  const given = { level: SharingLevel.GREEN, addCountries: ['NL', 'OM'], nameUserIds: ['own', 'hub', 'omani'] };
  expect(faultsOf(given, { limits: AMBER })).toEqual([
    'sharing.addCountries.1',
    'sharing.nameUserIds.2',
    'sharing.level',
  ]);
  expect(faultsOf({ level: SharingLevel.AMBER }, { limits: AMBER, concerned: ['NL', 'OM'] })).toEqual([
    'sharing.leaveOutCountries',
  ]);
});

const ANY: Limits = { ...AMBER, highestLevel: SharingLevel.GREEN, denyCountries: [] };

test.each<[string, Limits, (keyof typeof PEOPLE)[]]>([
  ['any', ANY, ['own', 'hub', 'brazilian', 'omani', 'omanisObserver', 'seconded', 'observer', 'unknown']],
  [
    'any, but not told to observers',
    { ...ANY, highestLevel: SharingLevel.AMBER },
    ['own', 'hub', 'brazilian', 'omani', 'omanisObserver', 'seconded', 'unknown'],
  ],
  ['all but one country', { ...ANY, denyCountries: ['OM'] }, ['own', 'hub', 'brazilian', 'observer']],
  ['one country alone', { ...ANY, allowCountries: ['BR'] }, ['own', 'brazilian']],
  ['none', { ...ANY, allowCountries: [] }, ['own']],
])('a ceiling that allows %s lets be named by home agency and by grants', (_, set, allowed) => {
  const passing = Object.keys(PEOPLE).filter(
    (id) => faultsOf({ level: SharingLevel.RED, nameUserIds: [id] }, { limits: set }).length === 0,
  );
  expect(passing).toEqual(allowed);
});

test('a correction is told only of denied countries that it begins to concern', () => {
  const shared = { level: SharingLevel.AMBER, addCountries: [], leaveOutCountries: [], nameUserIds: [] };
  expect(newlyTold(shared, AMBER, ['KE'], ['KE', 'OM'])).toEqual(['OM']);
  expect(newlyTold(shared, AMBER, ['KE', 'OM'], ['KE', 'OM'])).toEqual([]);
  expect(newlyTold({ ...shared, leaveOutCountries: ['OM'] }, AMBER, ['KE'], ['KE', 'OM'])).toEqual([]);
  expect(newlyTold({ ...shared, level: SharingLevel.RED }, AMBER, ['KE'], ['KE', 'OM'])).toEqual([]);
});
