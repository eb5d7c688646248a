import { Injectable } from '@nestjs/common';
import { Accounts, Agencies, Directory, Grants, Invitations } from '#identity';
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
  ) {}

  /**
   * @param passwords of those who can sign in, by e-mail
   * @param areSet whether the accounts that are there have these passwords
   */
  async load(firstStart: Date, passwords: ReadonlyMap<string, string>, areSet: boolean): Promise<Cast> {
    const { agencies, people } = await this.clock.at(EVERYBODY_COMES, async () => {
      if (!areSet) await this.setPasswords(passwords);
      const administrator = await this.administrator(passwords);
      const stored = await this.storeAgencies(administrator);
      return { agencies: stored, people: await this.storePeople(administrator, stored, passwords) };
    });
    const units = await this.storeUnit(firstStart, agencies, people);
    return new Cast(this.accounts, people, agencies, units);
  }

  /** Gives the accounts that are there these passwords. */
  async setPasswords(passwords: ReadonlyMap<string, string>): Promise<void> {
    const present = await this.present();
    const known = [...passwords].filter(([email]) => present.has(email));
    await atOnce(WIDTH, known, ([email, password]) => this.accounts.setPassword(email, password));
  }

  /** The first account; whoever loads the demo makes it an administrator's. */
  private async administrator(passwords: ReadonlyMap<string, string>): Promise<Actor> {
    const person = demoPeople.find(({ key }) => key === ADMINISTRATOR);
    if (!person) throw new Error('The demo has no administrator.');
    const password = passwords.get(person.email) ?? '';
    const id =
      (await this.present()).get(person.email) ??
      (await this.accounts.create({ ...person, password, agencyId: null })).id;
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
    passwords: ReadonlyMap<string, string>,
  ): Promise<Map<string, string>> {
    const present = await this.present();
    const stored = await atOnce(WIDTH, demoPeople, async (person): Promise<[string, string]> => {
      const agencyId = person.agencyKey === null ? null : (agencies.get(person.agencyKey) ?? null);
      const id = present.get(person.email) ?? (await this.admit(administrator, person, agencyId, passwords));
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
    { email, name }: DemoPerson,
    agencyId: string | null,
    passwords: ReadonlyMap<string, string>,
  ): Promise<string> {
    const password = passwords.get(email);
    if (password !== undefined) return (await this.accounts.create({ email, name, password, agencyId })).id;
    return (await this.invitations.invite(administrator, { email, name, agencyId })).user.id;
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
