import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { contactOf, enter, standingIn, type User } from '#identity';
import { stale } from '#operations';
import {
  type Actor,
  Clock,
  Database,
  Faults,
  forbidden,
  LONGEST_REASON,
  notFound,
  query,
  requiredText,
  type Tx,
} from '#platform';
import { ReferenceService } from '#reference';

import { canonical } from '../records/fingerprint.js';
import { SharingLevel } from '../vocabulary.js';
import type { Limits } from './ceiling-rule.js';
import { type CeilingsInForce, ceilingsInForce } from './ceilings-in-force.js';
import type { SharingCeiling, SharingLimitsInput } from './sharing-ceiling.js';

/** Where a ceiling holds: in one operation, or in all of them. */
export interface CeilingScope {
  readonly operationId: string | null;
  readonly country: string;
}

interface CeilingRow {
  readonly version: number;
  readonly limits: Limits | null;
  readonly reason: string;
  readonly set_at: Date;
  readonly set_by: User;
}

/** What countries let their own people share; set by their coordinators, seen by their own people. */
@Injectable()
export class SharingCeilings {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly reference: ReferenceService,
    private readonly audit: Audit,
  ) {}

  /** @throws NOT_FOUND for all but the country's own people */
  of(actor: Actor, scope: CeilingScope): Promise<SharingCeiling> {
    return this.database.read(actor, async (tx) => {
      await enterCountry(tx, actor, scope);
      return this.present(tx, scope);
    });
  }

  /**
   * Sets what a country's people may share from now on; what was acknowledged before stays as it is.
   * @param input null takes back what was set here
   * @throws NOT_FOUND, FORBIDDEN; CONFLICT where it was set by somebody else in the meantime; BAD_USER_INPUT
   */
  set(
    actor: Actor,
    scope: CeilingScope,
    expectedVersion: number,
    reason: string,
    input: SharingLimitsInput | null,
  ): Promise<SharingCeiling> {
    return this.database.write(actor, async (tx) => {
      const coordinates = await enterCountry(tx, actor, scope);
      if (!coordinates) throw forbidden('Only a coordinator of the country says what its people may share.');
      const limits = input && limitsOf(input);
      const present = await this.present(tx, scope);
      const isRepeat =
        present.version === expectedVersion + 1 &&
        present.reason === reason.trim() &&
        canonical(present.limits) === canonical(limits);
      if (isRepeat) return present;
      if (present.version !== expectedVersion) throw stale(present.version);
      const faults = new Faults();
      const why = requiredText(faults, 'reason', reason, LONGEST_REASON);
      if (input) this.judge(faults, scope.country, input);
      faults.throwIfAny();
      await this.store(tx, actor, scope, expectedVersion + 1, why, limits);
      return this.present(tx, scope);
    });
  }

  private judge(faults: Faults, owner: string, input: SharingLimitsInput): void {
    for (const name of ['allowCountries', 'denyCountries'] as const) {
      (input[name] ?? []).forEach((code, index) => {
        const path = `limits.${name}.${index}`;
        if (!this.reference.isCountry(code)) faults.add(path, 'country', this.reference.explainCountry(code));
        if (code === owner) faults.add(path, 'owner', "The record's own country always sees it: leave it out here.");
      });
    }
    input.denyCountries.forEach((code, index) => {
      if (input.allowCountries?.includes(code))
        faults.add(`limits.denyCountries.${index}`, 'allowed', `${code} is allowed and denied at once; choose one.`);
    });
    if (input.highestLevel === SharingLevel.CLEAR && input.denyCountries.length > 0) {
      faults.add('limits.highestLevel', 'clear', 'CLEAR tells everybody: deny no country, or choose GREEN or less.');
    }
  }

  private async store(
    tx: Tx,
    actor: Actor,
    { country, operationId }: CeilingScope,
    version: number,
    reason: string,
    limits: Limits | null,
  ): Promise<void> {
    const stored = await query(
      tx,
      `INSERT INTO sharing_ceilings (country, operation_id, version, highest_level, allowed_countries, denied_countries, binds_coordinators,
         reason, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT DO NOTHING RETURNING version`,
      [
        country,
        operationId,
        version,
        limits?.highestLevel ?? null,
        limits?.allowCountries ?? null,
        limits?.denyCountries ?? [],
        limits?.bindsCoordinators ?? false,
        reason,
        actor.userId,
        this.clock.now(),
      ],
    );
    if (stored.length === 0) throw stale(version);
    // The entry names the country's participation, so that its coordinators alone read it. What was set stands in the versions: the
    // log of the platform, where standing ones are noted, is read by administrators.
    const [participation] = await query<{ id: string }>(
      tx,
      `SELECT id FROM participations WHERE operation_id = $1 AND country = $2`,
      [operationId, country],
    );
    await this.audit.append(tx, actor, {
      operationId,
      action: 'sharing-ceiling.set',
      subjectId: participation?.id ?? null,
      version,
      details: { country },
    });
  }

  private async present(tx: Tx, { operationId, country }: CeilingScope): Promise<SharingCeiling> {
    const [row] = await query<Partial<CeilingRow> & { in_force: CeilingsInForce }>(
      tx,
      `SELECT c.version, c.reason, c.set_at,
         CASE WHEN c.highest_level IS NOT NULL THEN jsonb_build_object('highestLevel', c.highest_level, 'allowCountries', c.allowed_countries,
           'denyCountries', c.denied_countries, 'bindsCoordinators', c.binds_coordinators) END AS limits,
         (SELECT jsonb_build_object('id', u.id, 'name', u.name) FROM users u WHERE u.id = c.set_by) AS set_by,
         ${ceilingsInForce('$1::uuid', 'ARRAY[$2::text]')} AS in_force
       FROM (SELECT 1) AS one
       LEFT JOIN sharing_ceilings c ON c.country = $2 AND c.operation_id IS NOT DISTINCT FROM $1::uuid
       ORDER BY c.version DESC LIMIT 1`,
      [operationId, country],
    );
    return {
      country,
      operationId,
      version: row?.version ?? 0,
      limits: row?.limits ?? null,
      inForce: row?.in_force?.[country] ?? null,
      reason: row?.reason ?? null,
      setAt: row?.set_at ?? null,
      setBy: row?.set_by ?? null,
    };
  }
}

/**
 * Enters as one of a country's own people, in the operation or as its standing contact point; gives whether the actor speaks for the
 * country. A standing ceiling holds in every operation, so its contact points alone set and see it by itself.
 * @throws NOT_FOUND for everybody else, also where there is no such country or operation
 */
async function enterCountry(tx: Tx, actor: Actor, { operationId, country }: CeilingScope): Promise<boolean> {
  const isContact = contactOf(actor).includes(country);
  if (operationId === null) {
    if (!isContact) throw notFound();
    return true;
  }
  await enter(tx, actor, operationId, { frame: true });
  const { people, coordinates } = standingIn(actor, operationId);
  if (coordinates.includes(country)) return true;
  // A contact point speaks in operations that its country was invited to.
  const [invited] = await query(
    tx,
    `SELECT FROM participations WHERE operation_id = $1 AND country = $2 AND status IN ('INVITED', 'ACCEPTED')`,
    [operationId, country],
  );
  if (isContact && invited) return true;
  if (!people.includes(country)) throw notFound();
  return false;
}

function limitsOf({ highestLevel, allowCountries, denyCountries, bindsCoordinators }: SharingLimitsInput): Limits {
  return {
    highestLevel,
    allowCountries: allowCountries ? asSet(allowCountries) : null,
    denyCountries: asSet(denyCountries),
    bindsCoordinators,
  };
}

function asSet(codes: readonly string[]): string[] {
  return [...new Set(codes)].sort();
}
