import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Feed } from '#feed';
import { type Standing, viewerOf } from '#identity';
import { Operations, stale } from '#operations';
import {
  type Actor,
  Clock,
  Database,
  Faults,
  forbidden,
  hasRole,
  LONGEST_REASON,
  MusterError,
  notFound,
  query,
  requiredText,
  Role,
  type Tx,
} from '#platform';

import { operationOf } from '../records/claims.js';
import { fingerprint } from '../records/fingerprint.js';
import { assertTakesChanges } from '../records/reportable.js';
import { ViolationStore } from '../violations/violation-store.js';
import { SeizureStatus } from '../vocabulary.js';
import type { Seizure } from './seizure.js';
import { Seizures } from './seizures.service.js';
import { Settlement, type StoredSeizure } from './settlement.js';

/** Reports that wait for a person: decided by a coordinator of the owning country or the hub, never by the reporter. */
@Injectable()
export class Reviews {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly operations: Operations,
    private readonly seizures: Seizures,
    private readonly settlement: Settlement,
    private readonly store: ViolationStore,
    private readonly feed: Feed,
    private readonly audit: Audit,
  ) {}

  async decide(actor: Actor, id: string, expectedVersion: number, accept: boolean, reason: string): Promise<Seizure> {
    const operationId = await this.database.read(actor, (tx) => operationOf(tx, id));
    const viewer = viewerOf(actor, operationId);
    const hash = fingerprint({ accept, reason: reason.trim(), expectedVersion });

    return this.database.write(
      actor,
      async (tx) => {
        await this.seizures.present(tx, viewer, operationId, id);
        const seizure = await this.settlement.lockOne(tx, operationId, id);
        if (!seizure) throw notFound();
        assertMayDecide(actor, viewer, seizure);
        const isRepeat = seizure.version === expectedVersion + 1 && hashOf(seizure) === hash;
        if (!isRepeat) {
          if (seizure.version !== expectedVersion) throw stale(seizure.version);
          const operation = await this.operations.byId(tx, operationId);
          assertTakesChanges(operation, seizure.exercise);
          assertWaits(seizure);
          const faults = new Faults();
          const why = requiredText(faults, 'reason', reason, LONGEST_REASON);
          faults.throwIfAny();
          await this.save(tx, actor, seizure, accept, why, hash);
        }
        return this.seizures.present(tx, viewer, operationId, id);
      },
      { operationId },
    );
  }

  private async save(
    tx: Tx,
    actor: Actor,
    seizure: StoredSeizure,
    accept: boolean,
    reason: string,
    hash: string,
  ): Promise<void> {
    const { operation_id: operationId, id, country } = seizure;
    const now = this.clock.now();
    await this.audit.append(tx, actor, {
      operationId,
      action: 'seizure.decided',
      subjectId: id,
      version: seizure.version + 1,
      // The reason stands with the report.
      details: { accept },
    });
    // The violation first: an accepted report is there for whoever sees its violation, and so for whoever accepts it.
    if (accept) await this.store.write(tx, actor, operationId, [this.settlement.acceptance(seizure, now)]);
    await query(
      tx,
      `UPDATE seizures SET status = $3, version = version + 1, decided_at = $4, decided_by = $5, decision_reason = $6, decision_hash = $7::bytea
       WHERE operation_id = $1 AND id = $2`,
      [operationId, id, accept ? SeizureStatus.ACCEPTED : SeizureStatus.REJECTED, now, actor.userId, reason, hash],
    );
    if (!accept) {
      await query(tx, `UPDATE cargo_units SET void = TRUE WHERE operation_id = $1 AND record_id = $2`, [
        operationId,
        id,
      ]);
      await this.feed.tell(tx, operationId, { kind: 'seizure.rejected', subjectId: id, country });
    }
  }
}

function assertMayDecide(actor: Actor, viewer: Standing, seizure: StoredSeizure): void {
  if (actor.userId === seizure.author_id) throw forbidden('Nobody decides about the own report.');
  const isHub = viewer.hub && hasRole(actor, Role.HUB);
  if (!isHub && !viewer.coordinates.includes(seizure.country)) {
    throw forbidden('Reports are decided by coordinators of the owning country and by the hub.');
  }
}

function assertWaits({ status }: StoredSeizure): void {
  if (status !== SeizureStatus.NEEDS_REVIEW) {
    throw new MusterError('CONFLICT', `The report is ${status} and does not wait for a decision.`);
  }
}

function hashOf({ decision_hash: hash }: StoredSeizure): string | null {
  return hash && `\\x${hash.toString('hex')}`;
}
