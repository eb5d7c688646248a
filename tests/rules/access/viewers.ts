import { officerOf } from '../../setup/ports.js';
import type { HeldGrant, Person, Scene } from '../../setup/scene.js';
import type { AccessTables, Place, Sight } from './tables.js';

/** The country that stands for each relation to a record of Kenya; its route leads from NL by OM, SC, MZ and TZ. */
export const COUNTRIES: Readonly<Record<string, string>> = {
  own: 'KE',
  concerned: 'TZ',
  added: 'BR',
  'concerned, left out': 'OM',
  'left out': 'ZA',
  'other participant': 'AE',
  invited: 'NL',
  declined: 'SC',
  withdrawn: 'MZ',
  'other operation': 'KE',
  'own, since withdrawn': 'UG',
};

/** Somebody who asks for every cell. */
export interface Viewer {
  readonly name: string;
  readonly relation: string;
  /** As the table calls the viewer, where it is about records that the person did not write. */
  readonly word: string;
  readonly place: Place;
  readonly person: Person;
  readonly grants: readonly HeldGrant[];
  readonly country: string | undefined;
  /** The home agency, or one of country A for who has none. */
  readonly agencyId: string;
  readonly unitId: string;
}

/** What the viewers need of the place where they work. */
export interface House {
  readonly operationId: string;
  readonly otherOperationId: string;
  /** Where a country took part that withdrew. */
  readonly leftOperationId: string;
  readonly agencies: ReadonlyMap<string, string>;
  readonly units: ReadonlyMap<string, string>;
}

const ROLES: Readonly<Record<string, string>> = {
  coordinator: 'NATIONAL_COORDINATOR',
  'agency officer': 'AGENCY_OFFICER',
  'named agency officer': 'AGENCY_OFFICER',
  author: 'AGENCY_OFFICER',
  'port unit officer': 'PORT_UNIT_OFFICER',
  reporter: 'PORT_UNIT_OFFICER',
  analyst: 'ANALYST',
};

/** Makes the person that a line of the table speaks of, and gives what the line expects. */
export async function makeViewer(
  scene: Scene,
  house: House,
  { relation, viewer: word, place }: Sight,
): Promise<Viewer> {
  const country = COUNTRIES[relation];
  const agencyId = (country && house.agencies.get(country)) ?? null;
  const grants = grantsOf(house, relation, word, country);
  const unitId = (country && house.units.get(country)) ?? house.units.get('KE') ?? '';
  const [first] = grants;
  const person =
    first?.role === 'PORT_UNIT_OFFICER' && first.operationId && country
      ? await officerOf(scene, first.operationId, country, unitId, agencyId ?? '')
      : await scene.person(agencyId, ...grants);
  return {
    name: `${relation}: ${word}`,
    relation,
    word,
    place,
    person,
    grants,
    country,
    agencyId: agencyId ?? house.agencies.get('KE') ?? '',
    unitId,
  };
}

function grantsOf(house: House, relation: string, word: string, country: string | undefined): HeldGrant[] {
  const { operationId, otherOperationId, leftOperationId } = house;
  switch (word) {
    case 'contact point':
      return [{ role: 'NATIONAL_COORDINATOR', country: country ?? '' }];
    case 'officer':
    case 'named officer':
      return [{ role: 'HUB' }];
    case 'analyst of the operation':
      return [{ role: 'ANALYST', operationId }];
    case 'analyst of the hub':
      return [{ role: 'ANALYST', operationId: otherOperationId }];
    case 'observer':
      return [{ role: 'OBSERVER', operationId: relation === 'observers' ? operationId : otherOperationId }];
    case 'named observer':
      return [{ role: 'OBSERVER', operationId }];
    case 'observer for a concerned country':
      return [{ role: 'OBSERVER', operationId, country: 'TZ' }];
    case 'observer for an own one':
      return [{ role: 'OBSERVER', operationId, country: 'KE' }];
    case 'observer for a country left out':
      return [{ role: 'OBSERVER', operationId, country: 'ZA' }];
    case 'administrator':
      return [{ role: 'ADMINISTRATOR' }];
    case 'account without a grant':
    case 'named account without a grant':
      return [];
    case 'analyst':
      if (relation === 'hub') return [{ role: 'ANALYST' }];
  }
  const role = ROLES[word];
  if (role === undefined || country === undefined) throw new Error(`docs/access.md: who is ${relation}: ${word}?`);
  const of =
    relation === 'other operation'
      ? otherOperationId
      : relation === 'own, since withdrawn'
        ? leftOperationId
        : operationId;
  const unitId = house.units.get(country);
  return [{ role, operationId: of, country, ...(role === 'PORT_UNIT_OFFICER' && unitId ? { unitId } : {}) }];
}

export const isNamed = ({ word }: Viewer): boolean => word.startsWith('named ');

/** Whether a viewer holds one of the roles in a cell, anywhere; `any` asks for none. */
export function holds({ grants }: Viewer, roles: readonly string[]): boolean {
  return roles.includes('any') || grants.some(({ role }) => roles.includes(role));
}

/** Whether a viewer is meant by a cell of who may, such as `own coordinators, the hub`. */
export function isMeant(viewer: Viewer, groups: readonly string[]): boolean {
  const { relation, word, grants } = viewer;
  const isOwnCoordinator = relation === 'own' && word === 'coordinator';
  const isHub = relation === 'hub';
  return groups.some((group) => {
    switch (group) {
      case 'all':
        return true;
      case 'own people':
        return relation === 'own' && viewer.place === 'inside';
      case 'own coordinators':
        return isOwnCoordinator;
      case 'own coordinators anywhere':
        return (
          grants.some(({ role, country }) => role === 'NATIONAL_COORDINATOR' && country === 'KE') &&
          relation !== 'declined'
        );
      case 'own contact points':
        return relation === 'own' && word === 'contact point';
      case 'the hub':
        return isHub;
      case 'the hub anywhere':
        return isHub || word === 'analyst of the hub';
      case 'hub officers':
        return isHub && grants.some(({ role }) => role === 'HUB');
      case 'administrators':
        return word === 'administrator';
      default:
        throw new Error(`docs/access.md: who is meant by ${group}?`);
    }
  });
}

/** The line of the table that holds for a viewer and a record of Kenya, written by one of two people. */
export function sightOf(tables: AccessTables, viewer: Viewer, isAuthor: boolean): Sight {
  const { relation, word } = viewer;
  if (relation === 'own, since withdrawn') return tables.sight('other operation', plain(word));
  return tables.sight(relation, isAuthor ? 'author' : plain(word));
}

/** What the author and the reporter are to records that somebody else wrote. */
function plain(word: string): string {
  if (word === 'author') return 'agency officer';
  return word === 'reporter' ? 'port unit officer' : word;
}
