import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { type Actor, Database, Faults, forbidden, hasRole, prepared, requiredText, Role, type Tx } from '#platform';
import { checkUnlocode, ReferenceService } from '#reference';
import { v7 as uuidv7 } from 'uuid';

import { coordinates } from '../access/rights.js';
import { Directory } from '../directory.service.js';
import type { AgencyKind, PortUnitKind } from '../vocabulary.js';
import type { Agency } from './agency.js';
import { checkCountry, LONGEST_NAME } from './checks.js';
import type { PortUnit, Posting } from './port-unit.js';

export interface NewAgency {
  readonly name: string;
  readonly kind: AgencyKind;
  readonly country: string;
}

export interface NewPortUnit {
  readonly name: string;
  readonly kind: PortUnitKind;
  readonly country: string;
  readonly unlocode: string;
  readonly agencyIds: readonly string[];
}

export interface NewPosting {
  readonly unitId: string;
  readonly userId: string;
  /** The first and the last day; null is open. */
  readonly from: string;
  readonly until: string | null;
}

/** The agencies of countries, their port units, and who is posted there. */
@Injectable()
export class Agencies {
  constructor(
    private readonly database: Database,
    private readonly directory: Directory,
    private readonly reference: ReferenceService,
    private readonly audit: Audit,
  ) {}

  /** @throws MusterError FORBIDDEN when the actor neither administers nor coordinates the country; BAD_USER_INPUT */
  createAgency(actor: Actor, { name, kind, country }: NewAgency): Promise<Agency> {
    assertRuns(actor, country);
    const faults = new Faults();
    const agency = { id: uuidv7(), name: requiredText(faults, 'name', name, LONGEST_NAME), kind, country };
    checkCountry(this.reference, country, 'country', faults);
    faults.throwIfAny();
    return this.database.write(actor, async (tx) => {
      await prepared(tx, 'INSERT INTO agencies (id, name, kind, country) VALUES ($1, $2, $3, $4)', [
        agency.id,
        agency.name,
        kind,
        country,
      ]);
      await this.audit.append(tx, actor, {
        operationId: null,
        action: 'agency.created',
        subjectId: agency.id,
        details: { kind, country },
      });
      return agency;
    });
  }

  /** @throws MusterError FORBIDDEN when the actor neither administers nor coordinates the country; BAD_USER_INPUT */
  createPortUnit(actor: Actor, input: NewPortUnit): Promise<PortUnit> {
    const { kind, country } = input;
    assertRuns(actor, country);
    return this.database.write(actor, async (tx) => {
      const faults = new Faults();
      const name = requiredText(faults, 'name', input.name, LONGEST_NAME);
      checkCountry(this.reference, country, 'country', faults);
      const unlocode = readUnlocode(input, faults);
      const agencies = await this.agenciesOf(tx, input, faults);
      faults.throwIfAny();

      const id = uuidv7();
      await prepared(tx, 'INSERT INTO port_units (id, name, kind, country, unlocode) VALUES ($1, $2, $3, $4, $5)', [
        id,
        name,
        kind,
        country,
        unlocode,
      ]);
      const agencyIds = agencies.map((agency) => agency.id);
      await prepared(tx, 'INSERT INTO port_unit_agencies (unit_id, agency_id) SELECT $1, unnest($2::uuid[])', [
        id,
        agencyIds,
      ]);
      await this.audit.append(tx, actor, {
        operationId: null,
        action: 'port-unit.created',
        subjectId: id,
        details: { kind, country, unlocode, agencyIds },
      });
      return { id, name, kind, country, unlocode, agencies, postings: [] };
    });
  }

  /**
   * Seconds an officer to a port unit for some days.
   * @throws MusterError FORBIDDEN when the actor neither administers nor coordinates the unit's country; BAD_USER_INPUT
   */
  postOfficer(actor: Actor, { unitId, userId, from, until }: NewPosting): Promise<Posting> {
    return this.database.write(actor, async (tx) => {
      const faults = new Faults();
      const unit = await this.directory.unit(tx, unitId);
      if (!unit) faults.add('unitId', 'unknown', 'There is no such port unit.');
      else assertRuns(actor, unit.country);
      // The officer's row is held, so that of two postings made at one instant the second sees the first.
      const [officer] = await prepared<{ agency_id: string | null }>(
        tx,
        'SELECT agency_id FROM users WHERE id = $1 FOR NO KEY UPDATE',
        [userId],
      );
      if (!officer) faults.add('userId', 'unknown', 'There is no such person.');
      else if (unit && !unit.agencies?.some(({ id }) => id === officer.agency_id)) {
        faults.add('userId', 'home-agency', "The person's home agency is not one of the unit's agencies.");
      }
      if (until !== null && until < from) faults.add('until', 'range', 'The last day is not before the first.');
      else if (await overlaps(tx, { unitId, userId, from, until })) {
        faults.add('from', 'overlap', 'The person is posted to this unit on some of these days.');
      }
      faults.throwIfAny();

      const id = uuidv7();
      await prepared(
        tx,
        `INSERT INTO postings (id, unit_id, user_id, home_agency_id, from_day, until_day)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, unitId, userId, officer?.agency_id, from, until],
      );
      await this.audit.append(tx, actor, {
        operationId: null,
        action: 'posting.created',
        subjectId: id,
        details: { unitId, userId, from, until },
      });
      return this.directory.posting(tx, id);
    });
  }

  private async agenciesOf(tx: Tx, { country, agencyIds }: NewPortUnit, faults: Faults): Promise<Agency[]> {
    if (agencyIds.length === 0) faults.add('agencyIds', 'required', 'A port unit has at least one agency.');
    const known = await this.directory.agenciesById(tx, agencyIds);
    agencyIds.forEach((id, index) => {
      const agency = known.get(id);
      if (!agency) faults.add(`agencyIds.${index}`, 'unknown', 'There is no such agency.');
      else if (agency.country !== country)
        faults.add(`agencyIds.${index}`, 'country', `The agency is of ${agency.country}.`);
    });
    return [...known.values()].sort((one, other) => one.name.localeCompare(other.name));
  }
}

function assertRuns(actor: Actor, country: string): void {
  if (!hasRole(actor, Role.ADMINISTRATOR) && !coordinates(actor, country)) throw forbidden();
}

function readUnlocode({ unlocode, country }: NewPortUnit, faults: Faults): string {
  const checked = checkUnlocode(unlocode);
  if (!checked.ok) {
    faults.add('unlocode', checked.rule, checked.message);
    return unlocode;
  }
  if (!checked.value.startsWith(country))
    faults.add('unlocode', 'country', `A unit of ${country} works at a place of ${country}.`);
  return checked.value;
}

async function overlaps(tx: Tx, { unitId, userId, from, until }: NewPosting): Promise<boolean> {
  const others = await prepared(
    tx,
    `SELECT FROM postings WHERE user_id = $1 AND unit_id = $2
       AND daterange(from_day, until_day, '[]') && daterange($3::date, $4::date, '[]') LIMIT 1`,
    [userId, unitId, from, until],
  );
  return others.length > 0;
}
