import { Injectable } from '@nestjs/common';
import { Accounts, Agencies, Directory, Grants, Invitations, SecondFactors } from '#identity';
import { type Actor, Clock, Database, prepared, Role } from '#platform';

import {
  coordinatorKey,
  demoAgencies,
  demoPeople,
  type DemoPerson,
  mombasaPostings,
  mombasaUnit,
} from '../demo/index.js';
import { instantAt } from '../demo/local-time.js';
import { atOnce } from './at-once.js';
import { Cast } from './cast.js';
import type { DemoSignIn } from './demo-file.js';
import { DEMO_LOADER } from './demo-notes.js';

/** Before the first operation is created. */
const EVERYBODY_COMES = new Date('2017-01-16T09:00:00Z');
const ADMINISTRATOR = 'administrator';
const WIDTH = 4;

/** Stores the people of the demo with their agencies, their standing roles and the port unit; what is there already stays. */
@Injectable()
export class PeopleLoader {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly accounts: Accounts,
    private readonly invitations: Invitations,
    private readonly grants: Grants,
    private readonly agencies: Agencies,
    private readonly directory: Directory,
    private readonly secondFactors: SecondFactors,
  ) {}

  /**
   * @param signIns of those who can sign in, by e-mail
   * @param areSet whether the accounts that are there have these passwords and secrets
   */
  async load(firstStart: Date, signIns: ReadonlyMap<string, DemoSignIn>, areSet: boolean): Promise<Cast> {
    const { agencies, people } = await this.clock.at(EVERYBODY_COMES, async () => {
      if (!areSet) await this.setSignIns(signIns);
      const administrator = await this.administrator(signIns);
      const stored = await this.storeAgencies(administrator);
      return { agencies: stored, people: await this.storePeople(administrator, stored, signIns) };
    });
    const units = await this.storeUnit(firstStart, agencies, people);
    return new Cast(this.accounts, people, agencies, units);
  }

  /** Gives the accounts that are there these passwords and secrets. */
  async setSignIns(signIns: ReadonlyMap<string, DemoSignIn>): Promise<void> {
    const present = await this.present();
    await atOnce(WIDTH, [...signIns], async ([email, { password, totpSecret }]) => {
      const id = present.get(email);
      if (id === undefined) return;
      await this.accounts.setPassword(email, password);
      if (totpSecret !== undefined) await this.secondFactors.enrol(DEMO_LOADER, id, totpSecret);
    });
  }

  /** The first account; whoever loads the demo makes it an administrator's. */
  private async administrator(signIns: ReadonlyMap<string, DemoSignIn>): Promise<Actor> {
    const person = demoPeople.find(({ key }) => key === ADMINISTRATOR);
    if (!person) throw new Error('The demo has no administrator.');
    const signIn = signIns.get(person.email) ?? { password: '' };
    const id = (await this.present()).get(person.email) ?? (await this.open(person, null, signIn));
    const grant = { role: Role.ADMINISTRATOR, operationId: null, country: null, unitId: null };
    await this.database.write(DEMO_LOADER, (tx) => this.grants.give(tx, DEMO_LOADER, { userId: id, ...grant }));
    return this.accounts.actorFor(id);
  }

  private async storeAgencies(administrator: Actor): Promise<Map<string, string>> {
    const present = await this.database.read(administrator, (tx) => this.directory.agencies(tx, null));
    const known = new Map(present.map(({ id, country, name }) => [`${country} ${name}`, id]));
    const stored = await atOnce(WIDTH, demoAgencies, async (agency): Promise<[string, string]> => {
      const id = known.get(`${agency.country} ${agency.name}`);
      return [agency.key, id ?? (await this.agencies.createAgency(administrator, agency)).id];
    });
    return new Map(stored);
  }

  private async storePeople(
    administrator: Actor,
    agencies: ReadonlyMap<string, string>,
    signIns: ReadonlyMap<string, DemoSignIn>,
  ): Promise<Map<string, string>> {
    const present = await this.present();
    const stored = await atOnce(WIDTH, demoPeople, async (person): Promise<[string, string]> => {
      const agencyId = person.agencyKey === null ? null : (agencies.get(person.agencyKey) ?? null);
      const id = present.get(person.email) ?? (await this.admit(administrator, person, agencyId, signIns));
      for (const { role, operation, country } of person.grants) {
        if (operation !== null || id === administrator.userId) continue;
        await this.grants.grantRole(administrator, { userId: id, role, country });
      }
      return [person.key, id];
    });
    return new Map(stored);
  }

  /** Who only stands behind records is invited, and never takes the invitation up. */
  private async admit(
    administrator: Actor,
    person: DemoPerson,
    agencyId: string | null,
    signIns: ReadonlyMap<string, DemoSignIn>,
  ): Promise<string> {
    const { email, name } = person;
    const signIn = signIns.get(email);
    if (signIn !== undefined) return this.open(person, agencyId, signIn);
    return (await this.invitations.invite(administrator, { email, name, agencyId })).user.id;
  }

  private async open(
    { email, name }: DemoPerson,
    agencyId: string | null,
    { password, totpSecret }: DemoSignIn,
  ): Promise<string> {
    const { id } = await this.accounts.create({ email, name, password, agencyId });
    if (totpSecret !== undefined) await this.secondFactors.enrol(DEMO_LOADER, id, totpSecret);
    return id;
  }

  private async storeUnit(
    firstStart: Date,
    agencies: ReadonlyMap<string, string>,
    people: ReadonlyMap<string, string>,
  ): Promise<Map<string, string>> {
    const postings = mombasaPostings(firstStart);
    const from = postings.map((posting) => posting.from).sort()[0] ?? '';
    return this.clock.at(instantAt(from, 9 * 60, 'Africa/Nairobi'), async () => {
      const coordinator = await this.accounts.actorFor(people.get(coordinatorKey(mombasaUnit.country)) ?? '');
      const { country, name, agencyKeys } = mombasaUnit;
      const units = await this.database.read(coordinator, (tx) => this.directory.units(tx, country, coordinator));
      const agencyIds = agencyKeys.flatMap((key) => agencies.get(key) ?? []);
      const unit =
        units.find((other) => other.name === name) ??
        (await this.agencies.createPortUnit(coordinator, { ...mombasaUnit, agencyIds }));
      for (const { personKey, from } of postings) {
        const userId = people.get(personKey) ?? '';
        if (unit.postings?.some(({ officer }) => officer.id === userId)) continue;
        await this.agencies.postOfficer(coordinator, { unitId: unit.id, userId, from, until: null });
      }
      return new Map([[mombasaUnit.key, unit.id]]);
    });
  }

  /** The people of the demo who are stored, by e-mail. */
  private async present(): Promise<Map<string, string>> {
    const rows = await this.database.read(DEMO_LOADER, (tx) =>
      prepared<{ id: string; email: string }>(tx, 'SELECT id, email FROM users WHERE email = ANY($1::text[])', [
        demoPeople.map(({ email }) => email),
      ]),
    );
    return new Map(rows.map(({ id, email }) => [email, id]));
  }
}
