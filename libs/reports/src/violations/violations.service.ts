import { Injectable } from '@nestjs/common';
import { Readings } from '#audit';
import { type Agency, isInside, lookInto, type Standing, standingIn, viewerOf } from '#identity';
import { type Operation, Operations, stale } from '#operations';
import {
  type Actor,
  Clock,
  Database,
  Faults,
  LONGEST_REASON,
  MusterError,
  notFound,
  requiredText,
  type Tx,
} from '#platform';
import { ReferenceService } from '#reference';

import { operationOf } from '../records/claims.js';
import { fingerprint } from '../records/fingerprint.js';
import type { SharingInput } from '../records/record.inputs.js';
import {
  assertTakesChanges,
  assertTakesSharing,
  countedDay,
  judgeDetection,
  refuseOutsider,
} from '../records/reportable.js';
import { readSharing } from '../records/sharing.js';
import { anonymised } from '../retention/legal-holds.service.js';
import { judgeNewlyTold, type Limits } from '../sharing-ceilings/ceiling-rule.js';
import { concernedBy, judgeContent, judgeViolationSharing } from './judge-violation.js';
import { lookUp } from './named.js';
import { readViolation } from './read-violation.js';
import { stateOf } from './recorded-state.js';
import type { Violation } from './violation.js';
import type { CorrectViolationInput, LogViolationInput } from './violation.inputs.js';
import { ViolationLogging } from './violation-logging.js';
import { ViolationReading } from './violation-reading.js';
import { assertMayChange, assertMayRecordFor, assertNotWithdrawn, mayExceed } from './violation-rights.js';
import { concernedCountries, isAnonymised, type ViolationState } from './violation-state.js';
import { ViolationStore } from './violation-store.js';

/** A change of a violation: what it makes of the present state, or the error that it must not. */
interface Change {
  readonly id: string;
  readonly expectedVersion: number;
  readonly reason: string;
  readonly kind: string;
  /** What the command says besides its reason, for recognising a repeat. */
  readonly content: unknown;
  /** What the actor must be allowed besides changing the record; asked before anything else of the command is judged. */
  readonly assertMay?: (tx: Tx, state: ViolationState) => Promise<void>;
  readonly assertPhase: (operation: Operation, isExercise: boolean) => void;
  readonly apply: (
    tx: Tx,
    faults: Faults,
    operation: Operation,
    state: ViolationState,
    now: Date,
  ) => Promise<ViolationState>;
}

/** Violations: logged, corrected, shared otherwise and withdrawn by the country that owns them; seen by those they are shared with. */
@Injectable()
export class Violations {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly operations: Operations,
    private readonly reference: ReferenceService,
    private readonly store: ViolationStore,
    private readonly reading: ViolationReading,
    private readonly readings: Readings,
    private readonly logging: ViolationLogging,
  ) {}

  /** Stores a violation with its figures, feed event and audit entry: all of them or none. A repeat gets the record as it is now. */
  log(actor: Actor, input: LogViolationInput): Promise<Violation> {
    const viewer = standingIn(actor, input.operationId);
    if (!isInside(viewer)) return this.database.read(actor, (tx) => refuseOutsider(tx, actor, input.operationId));
    const report = this.logging.read(input);
    return this.database.write(
      actor,
      async (tx) => {
        const [outcome] = await this.logging.logAll(tx, actor, input.operationId, [report]);
        if (outcome instanceof MusterError) throw outcome;
        return this.present(tx, viewer, input.operationId, input.id);
      },
      { operationId: input.operationId },
    );
  }

  /** Records the whole content anew, as a new version. */
  correct(
    actor: Actor,
    id: string,
    expectedVersion: number,
    reason: string,
    input: CorrectViolationInput,
  ): Promise<Violation> {
    const faults = new Faults();
    const content = readViolation(faults, input);
    let agency: Agency | undefined;
    let limits: Limits | null = null;
    return this.change(actor, faults, {
      id,
      expectedVersion,
      reason,
      kind: 'violation.corrected',
      content,
      assertPhase: assertTakesChanges,
      assertMay: async (tx, state) => {
        ({ agency, limits } = await lookUp(tx, state.identity.operationId, content.agencyId, state.sharing));
        if (agency) assertMayRecordFor(actor, state, agency);
      },
      apply: (_tx, _faults, operation, state, now) => {
        assertNotWithdrawn(state);
        if (!agency) faults.add('input.agencyId', 'agency', `Name an agency of ${state.identity.country}.`);
        const isSameTime = content.detectedAt === state.content.detectedAt;
        // Nothing was detected after it had been reported, however late it is corrected.
        const arrivedAt = new Date(state.identity.arrivedAt);
        if (!isSameTime) {
          const how = { isExercise: state.identity.exercise, isSeizure: false };
          judgeDetection(faults, operation, input.detectedAt, arrivedAt, how);
        }
        judgeContent(this.reference, faults, operation, content, now);
        const day = isSameTime ? state.day : countedDay(operation, input.detectedAt, arrivedAt);
        if (limits && !mayExceed(actor, state, limits)) {
          const concerned = { before: concernedCountries(state), after: concernedBy(this.reference, content) };
          judgeNewlyTold(faults, state.sharing, limits, state.identity.country, concerned);
        }
        if (!faults.none) return Promise.resolve(state);
        return Promise.resolve(
          stateOf(this.reference, state.identity, content, state.sharing, day, state.reportedGoods),
        );
      },
    });
  }

  /** Changes who sees a record; narrowing takes effect at once. */
  changeSharing(
    actor: Actor,
    id: string,
    expectedVersion: number,
    reason: string,
    input: SharingInput,
  ): Promise<Violation> {
    const sharing = readSharing(input);
    return this.change(actor, new Faults(), {
      id,
      expectedVersion,
      reason,
      kind: 'violation.sharing-changed',
      content: sharing,
      assertPhase: assertTakesSharing,
      apply: async (tx, faults, operation, state, now) => {
        const { operationId, country: owner } = state.identity;
        const named = await lookUp(tx, operationId, state.content.agencyId, sharing);
        const limits = mayExceed(actor, state, named.limits) ? null : named.limits;
        const by = { limits, owner, concerned: concernedCountries(state), people: named.people };
        judgeViolationSharing(this.reference, faults, 'sharing', input, by, operation, now);
        return { ...state, sharing };
      },
    });
  }

  /** Withdraws a record: it stays, with its history, and is no longer counted. */
  withdraw(actor: Actor, id: string, expectedVersion: number, reason: string): Promise<Violation> {
    return this.change(actor, new Faults(), {
      id,
      expectedVersion,
      reason,
      kind: 'violation.withdrawn',
      content: null,
      assertPhase: assertTakesChanges,
      apply: (_tx, _faults, _operation, state, now) => {
        assertNotWithdrawn(state);
        return Promise.resolve({ ...state, withdrawn: { at: now.toISOString(), reason: reason.trim() } });
      },
    });
  }

  /** @throws NOT_FOUND where it is absent or not for the actor to see, which reads the same */
  async find(actor: Actor, id: string): Promise<Violation> {
    const violation = await this.database.readAnywhere(actor, async (tx) => {
      const operationId = await operationOf(tx, id);
      return this.present(tx, await lookInto(tx, actor, operationId), operationId, id);
    });
    this.readings.note(actor, { operationId: violation.operationId, what: 'violation', recordIds: [id] });
    return violation;
  }

  /** What accepted reports have become, as far as the actor may see it; null for those that were not accepted. */
  ofSeizures(
    actor: Actor,
    seizures: readonly { readonly id: string; readonly operationId: string }[],
  ): Promise<(Violation | null)[]> {
    return this.database.readAnywhere(actor, async (tx) => {
      const found = new Map<string, Violation>();
      for (const operationId of new Set(seizures.map((seizure) => seizure.operationId))) {
        const ids = seizures.filter((seizure) => seizure.operationId === operationId).map(({ id }) => id);
        const violations = await this.reading.byIds(tx, await lookInto(tx, actor, operationId), operationId, ids);
        for (const [id, violation] of violations) found.set(id, violation);
      }
      return seizures.map(({ id }) => found.get(id) ?? null);
    });
  }

  private async change(actor: Actor, faults: Faults, change: Change): Promise<Violation> {
    const { id, expectedVersion, kind } = change;
    const operationId = await this.database.read(actor, (tx) => operationOf(tx, id));
    const viewer = viewerOf(actor, operationId);
    const commandHash = fingerprint({ kind, reason: change.reason.trim(), content: change.content });

    return this.database.write(
      actor,
      async (tx) => {
        await this.present(tx, viewer, operationId, id);
        const present = await this.store.lock(tx, operationId, id);
        if (!present) throw notFound();
        assertMayChange(actor, viewer, present.state);
        if (isAnonymised(present.state)) throw anonymised();
        await change.assertMay?.(tx, present.state);
        if (await this.store.isRepeat(tx, operationId, id, expectedVersion, commandHash)) {
          return this.present(tx, viewer, operationId, id);
        }
        if (present.version !== expectedVersion) throw stale(present.version);
        const operation = await this.operations.byId(tx, operationId);
        change.assertPhase(operation, present.state.identity.exercise);
        const reason = requiredText(faults, 'reason', change.reason, LONGEST_REASON);
        const now = this.clock.now();
        const after = await change.apply(tx, faults, operation, present.state, now);
        faults.throwIfAny();
        await this.store.write(tx, actor, operationId, [
          {
            before: present.state,
            after,
            version: expectedVersion + 1,
            authorId: actor.userId ?? '',
            reason,
            commandHash,
            at: now.toISOString(),
            kind,
          },
        ]);
        return this.present(tx, viewer, operationId, id);
      },
      { operationId },
    );
  }

  private async present(tx: Tx, viewer: Standing, operationId: string, id: string): Promise<Violation> {
    const violation = (await this.reading.byIds(tx, viewer, operationId, [id])).get(id);
    if (!violation) throw notFound();
    return violation;
  }
}
