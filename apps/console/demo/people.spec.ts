import { Role } from '#platform';

import { coordinatorCountries, demoCountries } from './countries.js';
import { demoAccounts, demoAgencies, demoPeople, mombasaUnit } from './people.js';
import { placeHolds } from './record-rules.testing.js';

const inRole = (role: string) =>
  demoAccounts.filter(({ grants }) => grants.some((grant) => (grant.role as string) === role));

describe('the people of the demos', () => {
  it('can sign in as each role, with standing grants for hub, analyst, administrator and the seven coordinators', () => {
    const standing = (role: Role): (string | null)[] =>
      inRole(role).flatMap(({ grants }) =>
        grants.filter(({ operation }) => operation === null).map(({ country }) => country),
      );
    expect(standing(Role.HUB)).toEqual([null]);
    expect(standing(Role.ANALYST)).toEqual([null]);
    expect(standing(Role.ADMINISTRATOR)).toEqual([null]);
    expect(new Set(standing(Role.NATIONAL_COORDINATOR))).toEqual(new Set(coordinatorCountries));
    expect(inRole(Role.AGENCY_OFFICER).map(({ country }) => country)).toEqual(['KE']);
    expect(inRole(Role.OBSERVER)).toHaveLength(1);
  });

  it('has three officers of three agencies of the unit, with grants in both operations', () => {
    const officers = inRole(Role.PORT_UNIT_OFFICER);
    const homes = officers.map(({ agencyKey }) => agencyKey ?? '');
    expect(new Set(homes).size).toBe(3);
    expect(mombasaUnit.agencyKeys).toEqual(expect.arrayContaining(homes));
    const grants = officers.map((officer) => officer.grants.map(({ operation }) => operation));
    expect(grants).toEqual(Array.from({ length: 3 }, () => ['SEA', 'CONTAINER']));
  });

  it('gives each its own key and address, and an agency of the own country that exists', () => {
    expect(new Set(demoPeople.map(({ key }) => key)).size).toBe(demoPeople.length);
    expect(new Set(demoPeople.map(({ email }) => email)).size).toBe(demoPeople.length);
    expect(demoPeople.every(({ email }) => /^[a-z.]+@demo[.]muster[.]example$/.test(email))).toBe(true);
    const countryOf = new Map(demoAgencies.map(({ key, country }) => [key, country]));
    expect(countryOf.size).toBe(demoAgencies.length);
    const strange = demoPeople.filter(
      ({ agencyKey, country }) => agencyKey !== null && countryOf.get(agencyKey) !== country,
    );
    expect(strange).toEqual([]);
    expect(mombasaUnit.agencyKeys.every((key) => countryOf.get(key) === 'KE')).toBe(true);
  });
});

describe('the countries of the demos', () => {
  it('have ports that the seed knows, coordinates inside the country and a time zone', () => {
    for (const { code, ports, inland, timeZone } of demoCountries) {
      expect(placeHolds(code, inland)).toBe(true);
      for (const { unlocode, latitude, longitude } of ports) {
        expect([unlocode, placeHolds(code, { unlocode }), placeHolds(code, { latitude, longitude })]).toEqual([
          unlocode,
          true,
          true,
        ]);
      }
      expect(() => new Intl.DateTimeFormat('en', { timeZone })).not.toThrow();
    }
  });
});
