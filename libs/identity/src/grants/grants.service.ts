import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { type Actor, Clock, Database, Faults, forbidden, notFound, prepared, Role, type Tx } from '#platform';
import { ReferenceService } from '#reference';
import { v7 as uuidv7 } from 'uuid';

import { checkCountry } from '../agencies/checks.js';
import type { Grant, GrantRoleInput } from './grant.js';
import { checkShape, coordinatedIn, givesAsCoordinator, type GrantShape, mayGrant, mayKnowOf } from './grant-rules.js';

/** The channel on which processes hear that what a person may do has changed; the payload is the person's id. */
export const ACCESS_CHANNEL = 'muster_access';

/** Whom a grant is for, and what it gives. */
export interface NewGrant extends GrantShape {
  readonly userId: string;
}

/** Who may do what: giving grants and ending them. */
@Injectable()
export class Grants {
  constructor(
    private readonly database: Database,
    private readonly reference: ReferenceService,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives a role. Given again, it is the grant that stands.
   * @throws MusterError FORBIDDEN when it is not the actor's to give, or to oneself; NOT_FOUND for an operation that is absent or
   *   that the actor is not to know of; BAD_USER_INPUT with all that is wrong with the grant
   */
  grantRole(actor: Actor, input: GrantRoleInput): Promise<Grant> {
    return this.database.write(actor, async (tx) => {
      const unit = input.unitId ? await unitCountry(tx, input.unitId) : undefined;
      const grant: NewGrant = {
        userId: input.userId,
        role: input.role,
        operationId: input.operationId ?? null,
        country: input.country ?? (input.role === Role.PORT_UNIT_OFFICER ? (unit ?? null) : null),
        unitId: input.unitId ?? null,
      };
      if (grant.userId === actor.userId) throw forbidden('Nobody gives a role to oneself.');
      if (!mayGrant(actor, grant)) throw forbidden();
      const faults = new Faults();
      await this.checkOperation(tx, actor, grant, faults);
      checkShape(grant, 'input', faults);
      if (grant.country !== null) checkCountry(this.reference, grant.country, 'input.country', faults);
      if (grant.unitId !== null) checkUnit(unit, grant, faults);
      await checkUser(tx, grant, faults);
      faults.throwIfAny();
      return this.give(tx, actor, grant);
    });
  }

  /**
   * Ends a grant; it takes effect with the next request and the next event.
   * @throws MusterError NOT_FOUND when it is absent, has ended, or is not the actor's to know of; FORBIDDEN when it is not the
   *   actor's to end, or the own
   */
  endGrant(actor: Actor, id: string): Promise<boolean> {
    return this.database.write(actor, async (tx) => {
      const [grant] = await prepared<NewGrant & { [column: string]: unknown }>(
        tx,
        `SELECT user_id AS "userId", role, operation_id AS "operationId", country, unit_id AS "unitId"
         FROM grants WHERE id = $1 AND ended_at IS NULL`,
        [id],
      );
      if (!grant || !mayKnowOf(actor, grant)) throw notFound();
      if (grant.userId === actor.userId || !mayGrant(actor, grant)) throw forbidden();
      await this.end(tx, actor, [id]);
      return true;
    });
  }

  /** Gives a role, with nobody's right to do so asked for; the country of a port unit's officer must be the unit's. */
  async give(tx: Tx, actor: Actor, grant: NewGrant): Promise<Grant> {
    const { userId, role, operationId, country, unitId } = grant;
    const id = uuidv7();
    const given = await prepared(
      tx,
      `INSERT INTO grants (id, user_id, role, operation_id, country, unit_id, granted_by, granted_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT DO NOTHING RETURNING pg_notify($9, user_id::text)`,
      [id, userId, role, operationId, country, unitId, actor.userId, this.clock.now(), ACCESS_CHANNEL],
    );
    // Ended between the two statements: then it can be given.
    if (given.length === 0) return (await standing(tx, grant)) ?? this.give(tx, actor, grant);
    await this.audit.append(tx, actor, {
      operationId,
      action: 'grant.given',
      subjectId: id,
      details: { userId, role, country, unitId },
    });
    return { id, role, operationId, country, unitId };
  }

  /** Ends grants, with nobody's right to do so asked for; what has ended before is left as it is. */
  async end(tx: Tx, actor: Actor, ids: readonly string[]): Promise<void> {
    const ended = await prepared<NewGrant & { id: string; isArchived: boolean; [column: string]: unknown }>(
      tx,
      `UPDATE grants SET ended_at = $2 WHERE id = ANY($1::uuid[]) AND ended_at IS NULL
       RETURNING id, user_id AS "userId", role, operation_id AS "operationId", country, unit_id AS "unitId",
         EXISTS (SELECT FROM operations o WHERE o.id = operation_id AND o.archived_at IS NOT NULL) AS "isArchived",
         pg_notify($3, user_id::text)`,
      [ids, this.clock.now(), ACCESS_CHANNEL],
    );
    await this.audit.append(
      tx,
      actor,
      // The chain of an archived operation takes no entries, and a right must end all the same: that one is the platform's.
      ...ended.map(({ id, userId, role, operationId, country, unitId, isArchived }) => ({
        operationId: isArchived ? null : operationId,
        action: 'grant.ended',
        subjectId: id,
        details: { userId, role, country, unitId, ...(isArchived ? { operationId } : {}) },
      })),
    );
  }

  /** What a person may do now, oldest first. */
  of(tx: Tx, userId: string): Promise<Grant[]> {
    return prepared<Grant & { [column: string]: unknown }>(
      tx,
      `SELECT id, role, operation_id AS "operationId", country, unit_id AS "unitId"
       FROM grants WHERE user_id = $1 AND ended_at IS NULL ORDER BY id`,
      [userId],
    );
  }

  /** A coordinator gives roles where the country has accepted; an operation that is not the coordinator's to know of is absent. */
  private async checkOperation(tx: Tx, actor: Actor, grant: NewGrant, faults: Faults): Promise<void> {
    const { operationId, country } = grant;
    if (operationId === null) return;
    const own = coordinatedIn(actor, operationId).filter((of) => country === null || of === country);
    const [operation] = await prepared<{ status: string | null; known: boolean }>(
      tx,
      `SELECT (SELECT status FROM participations p WHERE p.operation_id = o.id AND p.country = $2) AS status,
         EXISTS (SELECT FROM participations p
           WHERE p.operation_id = o.id AND p.country = ANY($3::text[]) AND p.status IN ('INVITED', 'ACCEPTED')) AS known
       FROM operations o WHERE o.id = $1`,
      [operationId, country, own],
    );
    if (!operation) throw notFound();
    if (!givesAsCoordinator(actor, grant)) return;
    if (!operation.known) throw notFound();
    if (country !== null && operation.status !== 'ACCEPTED') {
      faults.add('input.operationId', 'participation', `${country} has not accepted the invitation to this operation.`);
    }
  }
}

async function unitCountry(tx: Tx, unitId: string): Promise<string | undefined> {
  const [unit] = await prepared<{ country: string }>(tx, 'SELECT country FROM port_units WHERE id = $1', [unitId]);
  return unit?.country;
}

function checkUnit(unit: string | undefined, { country }: NewGrant, faults: Faults): void {
  if (unit === undefined) faults.add('input.unitId', 'unknown', 'There is no such port unit.');
  else if (country !== null && unit !== country) {
    faults.add('input.country', 'unit', `The port unit is of ${unit}; leave the country out, or give that one.`);
  }
}

/** Officers act for their home agency, so it must be of the country; others may have none, but none of another country. */
async function checkUser(tx: Tx, { userId, role, country }: NewGrant, faults: Faults): Promise<void> {
  const [user] = await prepared<{ country: string | null }>(
    tx,
    'SELECT a.country FROM users u LEFT JOIN agencies a ON a.id = u.agency_id WHERE u.id = $1',
    [userId],
  );
  if (!user) {
    faults.add('input.userId', 'unknown', 'There is no such person.');
    return;
  }
  if (country === null || role === Role.OBSERVER || user.country === country) return;
  const isOfficer = role === Role.AGENCY_OFFICER || role === Role.PORT_UNIT_OFFICER;
  if (isOfficer || user.country !== null) {
    faults.add('input.userId', 'home-agency', `The person's home agency is not one of ${country}.`);
  }
}

/** The grant that keeps another of the same kind from being given. */
async function standing(tx: Tx, { userId, role, operationId, country, unitId }: NewGrant): Promise<Grant | undefined> {
  const [grant] = await prepared<Grant & { [column: string]: unknown }>(
    tx,
    `SELECT id, role, operation_id AS "operationId", country, unit_id AS "unitId" FROM grants
     WHERE user_id = $1 AND role = $2 AND operation_id IS NOT DISTINCT FROM $3 AND country IS NOT DISTINCT FROM $4
       AND unit_id IS NOT DISTINCT FROM $5 AND ended_at IS NULL`,
    [userId, role, operationId, country, unitId],
  );
  return grant;
}
