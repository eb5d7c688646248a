import { Injectable } from '@nestjs/common';
import { type Actor, prepared, query, Role, type Tx } from '#platform';

import { isOfCountry, isOfHub } from './access/rights.js';
import type { User } from './accounts/user.js';
import type { Agency } from './agencies/agency.js';
import type { PortUnit, Posting } from './agencies/port-unit.js';
import { Grants } from './grants/grants.service.js';

/** Who coordinates an operation for a country. */
export interface Coordinators {
  readonly operationId: string;
  readonly country: string;
  readonly userIds: readonly string[];
}

/** People, agencies and port units, for those who hold their ids. */
@Injectable()
export class Directory {
  constructor(private readonly grants: Grants) {}

  async agency(tx: Tx, id: string): Promise<Agency | undefined> {
    return (await this.agenciesById(tx, [id])).get(id);
  }

  async agenciesById(tx: Tx, ids: readonly string[]): Promise<Map<string, Agency>> {
    return byId(await some<Agency>(tx, 'SELECT id, name, kind, country FROM agencies WHERE id = ANY($1::uuid[])', ids));
  }

  /** All agencies, or those of a country, by name. */
  agencies(tx: Tx, country: string | null): Promise<Agency[]> {
    return prepared<Agency & Columns>(
      tx,
      'SELECT id, name, kind, country FROM agencies WHERE $1::text IS NULL OR country = $1 ORDER BY country, name, id',
      [country],
    );
  }

  async usersById(tx: Tx, ids: readonly string[]): Promise<Map<string, User>> {
    return byId(await some<User>(tx, 'SELECT id, name, email FROM users WHERE id = ANY($1::uuid[])', ids));
  }

  /** Those whose home agency is of the country, and those who hold a role for it; by name. */
  usersOf(tx: Tx, country: string): Promise<User[]> {
    return prepared<User & Columns>(
      tx,
      `SELECT u.id, u.name, u.email FROM users u
       WHERE u.agency_id IN (SELECT id FROM agencies WHERE country = $1)
          OR u.id IN (SELECT user_id FROM grants WHERE country = $1 AND ended_at IS NULL)
       ORDER BY u.name, u.id`,
      [country],
    );
  }

  /** @param viewer who will read it; null tells no postings */
  async unit(tx: Tx, id: string, viewer: Actor | null = null): Promise<PortUnit | undefined> {
    return (await this.unitsById(tx, [id], viewer)).get(id);
  }

  /** @param viewer who will read them; null tells no postings */
  async unitsById(tx: Tx, ids: readonly string[], viewer: Actor | null = null): Promise<Map<string, PortUnit>> {
    return byId(await this.complete(tx, await some<UnitRow>(tx, `${UNITS} WHERE id = ANY($1::uuid[])`, ids), viewer));
  }

  /** All port units, or those of a country, by name. */
  async units(tx: Tx, country: string | null, viewer: Actor): Promise<PortUnit[]> {
    const rows = await prepared<UnitRow & Columns>(
      tx,
      `${UNITS} WHERE $1::text IS NULL OR country = $1 ORDER BY country, name, id`,
      [country],
    );
    return this.complete(tx, rows, viewer);
  }

  /** The posting of an id that is known to exist. */
  async posting(tx: Tx, id: string): Promise<Posting> {
    const [row] = await query<PostingRow>(tx, `${POSTINGS} WHERE o.id = $1`, [id]);
    if (!row) throw new Error('A posting that was just made is not there.');
    return toPosting(row);
  }

  /** Makes these people, and nobody else, the coordinators of a country in an operation; what they hold standing stays. */
  async grantCoordinators(tx: Tx, actor: Actor, { operationId, country, userIds }: Coordinators): Promise<void> {
    const others = await prepared<{ id: string }>(
      tx,
      `SELECT id FROM grants WHERE operation_id = $1 AND country = $2 AND role = '${Role.NATIONAL_COORDINATOR}'
         AND ended_at IS NULL AND user_id <> ALL($3::uuid[])`,
      [operationId, country, userIds],
    );
    await this.grants.end(
      tx,
      actor,
      others.map(({ id }) => id),
    );
    for (const userId of new Set(userIds)) {
      await this.grants.give(tx, actor, {
        userId,
        role: Role.NATIONAL_COORDINATOR,
        operationId,
        country,
        unitId: null,
      });
    }
  }

  /** Those of the people who can't coordinate for the country: unknown here, or at home in an agency of another country. */
  async unfitToCoordinate(tx: Tx, country: string, userIds: readonly string[]): Promise<string[]> {
    const rows = await prepared<{ id: string }>(
      tx,
      `SELECT wanted.id FROM unnest($1::uuid[]) AS wanted (id)
       LEFT JOIN users u ON u.id = wanted.id LEFT JOIN agencies a ON a.id = u.agency_id
       WHERE u.id IS NULL OR a.country <> $2`,
      [userIds, country],
    );
    return rows.map(({ id }) => id);
  }

  private async complete(tx: Tx, units: readonly UnitRow[], viewer: Actor | null): Promise<PortUnit[]> {
    if (units.length === 0) return [];
    const agencies = await some<Agency & { unitId: string }>(
      tx,
      `SELECT m.unit_id AS "unitId", a.id, a.name, a.kind, a.country
       FROM port_unit_agencies m JOIN agencies a ON a.id = m.agency_id
       WHERE m.unit_id = ANY($1::uuid[]) ORDER BY a.name, a.id`,
      units.map(({ id }) => id),
    );
    const told = units.filter(({ country }) => viewer !== null && (isOfCountry(viewer, country) || isOfHub(viewer)));
    const postings = await some<PostingRow>(
      tx,
      `${POSTINGS} WHERE o.unit_id = ANY($1::uuid[]) ORDER BY o.from_day, o.id`,
      told.map(({ id }) => id),
    );
    return units.map((unit) => ({
      ...unit,
      agencies: agencies
        .filter(({ unitId }) => unitId === unit.id)
        .map(({ id, name, kind, country }) => ({ id, name, kind, country })),
      postings: postings.filter(({ unitId }) => unitId === unit.id).map(toPosting),
    }));
  }
}

interface Columns {
  readonly [column: string]: unknown;
}

type UnitRow = Omit<PortUnit, 'agencies' | 'postings'>;

interface PostingRow {
  readonly id: string;
  readonly unitId: string;
  readonly from: string;
  readonly until: string | null;
  readonly officer: User;
  readonly homeAgency: Agency;
}

const UNITS = 'SELECT id, name, kind, country, unlocode FROM port_units';

const POSTINGS = `
  SELECT o.id, o.unit_id AS "unitId", o.from_day::text AS "from", o.until_day::text AS "until",
    json_build_object('id', u.id, 'name', u.name, 'email', u.email) AS officer,
    json_build_object('id', a.id, 'name', a.name, 'kind', a.kind, 'country', a.country) AS "homeAgency"
  FROM postings o JOIN users u ON u.id = o.user_id JOIN agencies a ON a.id = o.home_agency_id`;

function toPosting({ id, officer, homeAgency, from, until }: PostingRow): Posting {
  return { id, officer, homeAgency, from, until };
}

/** Rows of a fixed statement over a list of ids; nothing is asked for none. */
async function some<Row extends object>(tx: Tx, statement: string, ids: readonly string[]): Promise<Row[]> {
  return ids.length === 0 ? [] : prepared<Row & Columns>(tx, statement, [ids]);
}

function byId<Row extends { readonly id: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}
