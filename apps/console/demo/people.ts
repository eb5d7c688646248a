import { AgencyKind, PortUnitKind } from '#identity';
import { addDays, dayIn, Role } from '#platform';

import { coordinatorCountries, demoCountries, type DemoCountry } from './countries.js';
import type {
  DemoAgency,
  DemoGrant,
  DemoParticipant,
  DemoPerson,
  DemoPosting,
  DemoUnit,
  OperationKey,
} from './records.js';

const kindNames: Readonly<Record<AgencyKind, string>> = {
  [AgencyKind.CUSTOMS]: 'Customs Service',
  [AgencyKind.POLICE]: 'Police, Environmental Crime Unit',
  [AgencyKind.ENVIRONMENT]: 'Environment Agency',
  [AgencyKind.COAST_GUARD]: 'Coast Guard',
  [AgencyKind.NAVY]: 'Navy',
  [AgencyKind.PORT_AUTHORITY]: 'Port Authority',
  [AgencyKind.WILDLIFE]: 'Wildlife Service',
  [AgencyKind.FORESTRY]: 'Forest Authority',
  [AgencyKind.FISHERIES]: 'Fisheries Authority',
  [AgencyKind.OZONE_UNIT]: 'National Ozone Unit',
  [AgencyKind.CHEMICAL_WEAPONS_AUTHORITY]: 'Chemical Weapons Convention Authority',
  [AgencyKind.PROSECUTION]: 'Public Prosecution',
  [AgencyKind.OTHER]: 'Inspectorate',
};

/** The key of a country's agency of a kind. */
export const agencyKey = (country: string, kind: keyof typeof AgencyKind): string => `${country}/${kind}`;

export const coordinatorKey = (country: string): string => `coordinator/${country}`;

const agency = (country: DemoCountry, kind: AgencyKind): DemoAgency => ({
  key: agencyKey(country.code, kind),
  country: country.code,
  name: `${kindNames[kind]} of ${country.name} (demo)`,
  kind,
});

/** Every country's agencies: customs, police, environment and, where there is a coast, a coast guard; and its lead agency, if another. */
function agenciesOf(country: DemoCountry): DemoAgency[] {
  const kinds = new Set([AgencyKind.CUSTOMS, AgencyKind.POLICE, AgencyKind.ENVIRONMENT, country.lead]);
  if (country.ports.length > 0) kinds.add(AgencyKind.COAST_GUARD);
  if (country.code !== 'KE') return [...kinds].map((kind) => agency(country, kind));
  return [
    ...[...kinds, AgencyKind.WILDLIFE, AgencyKind.FORESTRY].map((kind) => agency(country, kind)),
    {
      key: 'KE/NARCOTICS',
      country: 'KE',
      name: 'Police, Anti-Narcotics Unit of Kenya (demo)',
      kind: AgencyKind.POLICE,
    },
  ];
}

/** The agencies behind all demo operations; names are invented. */
export const demoAgencies: readonly DemoAgency[] = demoCountries.flatMap(agenciesOf);

export const mombasaUnit: DemoUnit = {
  key: 'MOMBASA',
  name: 'Mombasa Joint Port Control Unit (demo)',
  kind: PortUnitKind.SEA_PORT,
  country: 'KE',
  unlocode: 'KEMBA',
  agencyKeys: ['KE/CUSTOMS', 'KE/NARCOTICS', 'KE/WILDLIFE', 'KE/FORESTRY'],
};

const standing = (role: Role, country: string | null = null): DemoGrant => ({
  role,
  operation: null,
  country,
  unitKey: null,
});
const inOperation = (
  role: Role,
  operation: OperationKey,
  country: string | null = null,
  unitKey: string | null = null,
): DemoGrant => ({
  role,
  operation,
  country,
  unitKey,
});
const email = (name: string): string => `${name}@demo.muster.example`;

const coordinatorNames: Readonly<Record<string, string>> = {
  KE: 'Wanjiru Kamau (demo)',
  TZ: 'Juma Mrisho (demo)',
  ZA: 'Thandi Nkosi (demo)',
  OM: 'Salim Harthy (demo)',
  AE: 'Maryam Suwaidi (demo)',
  NL: 'Joris Verbeek (demo)',
  BR: 'Luciana Prado (demo)',
};

function coordinator(country: DemoCountry): DemoPerson {
  return {
    key: coordinatorKey(country.code),
    name: coordinatorNames[country.code] ?? `Coordinator of ${country.name} (demo)`,
    email: email(`coordinator.${country.code.toLowerCase()}`),
    agencyKey: agencyKey(country.code, country.lead),
    country: country.code,
    account: coordinatorCountries.includes(country.code),
    grants: [standing(Role.NATIONAL_COORDINATOR, country.code)],
  };
}

function unitOfficer(key: string, name: string, address: string, agencyOfOfficer: string): DemoPerson {
  const grants = (['SEA', 'CONTAINER'] as const).map((operation) =>
    inOperation(Role.PORT_UNIT_OFFICER, operation, 'KE', mombasaUnit.key),
  );
  return { key, name, email: email(address), agencyKey: agencyOfOfficer, country: 'KE', account: true, grants };
}

const headquarters = (key: string, name: string, address: string, grant: DemoGrant): DemoPerson => ({
  key,
  name,
  email: email(address),
  agencyKey: null,
  country: null,
  account: true,
  grants: [grant],
});

/** Everybody behind the demo operations; all names are invented. */
export const demoPeople: readonly DemoPerson[] = [
  headquarters('administrator', 'Alex Ferrand (demo)', 'administrator', standing(Role.ADMINISTRATOR)),
  headquarters('hub-officer', 'Ines Calder (demo)', 'hub', standing(Role.HUB)),
  headquarters('hub-analyst', 'Tomasz Lindqvist (demo)', 'analyst', standing(Role.ANALYST)),
  headquarters('observer', 'Noor Sutherland (demo)', 'observer', inOperation(Role.OBSERVER, 'SEA')),
  ...demoCountries.map(coordinator),
  {
    key: 'agency-officer/KE',
    name: 'Odhiambo Were (demo)',
    email: email('officer.ke'),
    agencyKey: 'KE/COAST_GUARD',
    country: 'KE',
    account: true,
    grants: [inOperation(Role.AGENCY_OFFICER, 'SEA', 'KE')],
  },
  unitOfficer('unit-officer/customs', 'Amina Yusuf (demo)', 'mombasa.customs', 'KE/CUSTOMS'),
  unitOfficer('unit-officer/police', 'Peter Mutua (demo)', 'mombasa.police', 'KE/NARCOTICS'),
  unitOfficer('unit-officer/wildlife', 'Grace Chebet (demo)', 'mombasa.wildlife', 'KE/WILDLIFE'),
];

/** The demo accounts: the people of {@link demoPeople} who can sign in. */
export const demoAccounts: readonly DemoPerson[] = demoPeople.filter((person) => person.account);

/** The first day of Container control (demo), two years before the first start. */
export function containerControlStart(firstStart: Date): string {
  return addDays(dayIn('Africa/Nairobi', firstStart), -730);
}

/** The officers' postings to the unit of Mombasa, from before both windows, without an end. */
export function mombasaPostings(firstStart: Date): DemoPosting[] {
  const from = addDays(containerControlStart(firstStart), -60);
  return demoPeople
    .filter((person) => person.key.startsWith('unit-officer/'))
    .map((person) => ({ unitKey: mombasaUnit.key, personKey: person.key, from }));
}

/** A country that accepted, with the lead agency of its kind and its coordinator. */
export function participant(country: string): DemoParticipant {
  const lead = demoCountries.find(({ code }) => code === country)?.lead ?? AgencyKind.ENVIRONMENT;
  return { country, leadAgencyKey: agencyKey(country, lead), coordinatorKeys: [coordinatorKey(country)] };
}
