import { v7 } from 'uuid';

import { REPORT, SEIZURE, seizureInput } from './scene.js';
import type { Person, Scene } from './scene.js';
import { until } from './until.js';

/** An operation at work, with a port unit in Mombasa and one in Dar es Salaam. */
export interface Ports {
  readonly operationId: string;
  readonly hub: Person;
  /** The coordinators. */
  readonly kenya: Person;
  readonly tanzania: Person;
  readonly agencies: { readonly KE: string; readonly TZ: string; readonly wildlife: string };
  readonly mombasa: string;
  readonly darEsSalaam: string;
  /** Of customs, and of the wildlife service, at Mombasa; and of customs at Dar es Salaam. */
  readonly officer: Person;
  readonly ranger: Person;
  readonly neighbour: Person;
}

/**
 * Opens an operation of Kenya and Tanzania with their port units.
 * @param input changes of the operation, such as its window
 * @param phase the phase that it is left in
 */
export async function openPorts(
  scene: Scene,
  {
    phase = 'OPERATIONAL',
    input = {},
  }: { readonly phase?: string; readonly input?: Readonly<Record<string, unknown>> } = {},
): Promise<Ports> {
  const hub = await scene.person(null, { role: 'HUB' });
  const agencies = {
    KE: await scene.agency('KE'),
    TZ: await scene.agency('TZ'),
    wildlife: await scene.agency('KE', 'WILDLIFE'),
  };
  const { id: operationId } = await scene.operation(hub, input);
  const kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
  const tanzania = await scene.join(hub, operationId, 'TZ', agencies.TZ);
  const mombasa = await scene.unit('KE', 'KEMBA', [agencies.KE, agencies.wildlife]);
  const darEsSalaam = await scene.unit('TZ', 'TZDAR', [agencies.TZ]);
  const officer = await officerOf(scene, operationId, 'KE', mombasa, agencies.KE);
  const ranger = await officerOf(scene, operationId, 'KE', mombasa, agencies.wildlife);
  const neighbour = await officerOf(scene, operationId, 'TZ', darEsSalaam, agencies.TZ);
  if (phase !== 'PREPARATION') await scene.move(hub, operationId, 'OPERATIONAL');
  if (phase === 'POST_OPERATIONAL') await scene.move(hub, operationId, phase);
  return { operationId, hub, kenya, tanzania, agencies, mombasa, darEsSalaam, officer, ranger, neighbour };
}

/** An officer who is posted to a unit, all the time unless days are given, and works there in the operation. */
export async function officerOf(
  scene: Scene,
  operationId: string,
  country: string,
  unitId: string,
  agencyId: string,
  [from, until]: readonly [from: string, until: string | null] = ['2020-01-01', null],
): Promise<Person> {
  const officer = await scene.person(agencyId, { role: 'PORT_UNIT_OFFICER', operationId, country, unitId });
  await scene.post(officer.id, unitId, agencyId, from, until);
  return officer;
}

export interface SettledSeizure {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly findings: readonly { readonly rule: string; readonly message: string }[];
  readonly violation: { readonly id: string } | null;
}

/** Waits until a report is settled, and gives it as a person sees it. */
export function settled(person: Person, id: string, limit = 10_000): Promise<SettledSeizure> {
  return until(
    async () => {
      const seizure = await person.do<SettledSeizure>(SEIZURE, { id });
      return seizure.status === 'RECEIVED' ? undefined : seizure;
    },
    { limit, what: `report ${id} is settled` },
  );
}

/** Reports a seizure and waits until it is settled. */
export async function reported(
  person: Person,
  operationId: string,
  unitId: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<SettledSeizure> {
  const { id } = await person.do<{ id: string }>(REPORT, {
    input: seizureInput(operationId, unitId, { id: v7(), ...change }),
  });
  return settled(person, id);
}

/** The rules of a report's findings, in the order of the alphabet. */
export const rulesOf = ({ findings }: SettledSeizure): string[] => findings.map(({ rule }) => rule).sort();

export const DECIDE = `mutation ($id: UUID!, $version: Int!, $accept: Boolean!, $reason: String!) {
  decideSeizure(id: $id, expectedVersion: $version, accept: $accept, reason: $reason) {
    id version status decisionReason decidedAt decidedBy { id } violation { id } } }`;
