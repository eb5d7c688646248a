import { Injectable } from '@nestjs/common';
import { standingIn } from '#identity';
import { type Operation, Operations } from '#operations';
import { type Actor, Clock, Faults, MusterError, query, type Tx } from '#platform';
import { checkUuidV7, ReferenceService } from '#reference';
import { ViolationSource } from '#trends';

import { AttachmentListing } from '../attachments/attachment-listing.js';
import { type AttachmentContent, listedContent } from '../attachments/read-attachments.js';
import { type Claim, claimAll, judgeRepeats } from '../records/claims.js';
import type { SharingContent, ViolationContent } from '../records/content.js';
import { fingerprint } from '../records/fingerprint.js';
import { assertTakesReports, countedDay, isLateAt, judgeDetection } from '../records/reportable.js';
import { readSharing } from '../records/sharing.js';
import { concernedBy, judgeContent, judgeViolationSharing } from './judge-violation.js';
import { lookUp, type Named } from './named.js';
import { readViolation } from './read-violation.js';
import { stateOf } from './recorded-state.js';
import type { LogViolationInput } from './violation.inputs.js';
import { ownerOf } from './violation-rights.js';
import type { ViolationState } from './violation-state.js';
import { ViolationStore } from './violation-store.js';

/** A violation that somebody wants to log, as far as it is read without the database. */
export interface ReportedViolation {
  readonly input: LogViolationInput;
  readonly content: ViolationContent;
  readonly sharing: SharingContent;
  readonly attachments: readonly AttachmentContent[];
  /** SHA-256 of the canonical form, by which a repeat is recognised; in PostgreSQL's text form of bytea. */
  readonly hash: string;
  readonly faults: Faults;
  /** What could not be read whole is judged, so that all that is wrong with it is told, and never stored. */
  readonly isWhole: boolean;
}

/** What came of one of several violations: it is stored, it came before with the same content, or what is wrong with it. */
export type LogOutcome = 'LOGGED' | 'REPEATED' | MusterError;

/** A report whose agency and country are known. */
interface Placed {
  readonly report: ReportedViolation;
  readonly named: Named;
  readonly claim: Claim;
}

/** Takes violations in, one or many in a transaction; each is judged by itself, and what is wrong with one stops no other. */
@Injectable()
export class ViolationLogging {
  constructor(
    private readonly clock: Clock,
    private readonly operations: Operations,
    private readonly reference: ReferenceService,
    private readonly store: ViolationStore,
    private readonly listing: AttachmentListing,
  ) {}

  /** @param faults what was found wrong with the input before; any of it means that it could not be read whole */
  read(input: LogViolationInput, faults = new Faults()): ReportedViolation {
    const isWhole = faults.none;
    const content = readViolation(faults, input);
    const sharing = readSharing(input.sharing);
    const attachments = this.listing.read(faults, input.attachments);
    const said = { ...content, ...listedContent(attachments), sharing };
    const hash = fingerprint({ ...said, exercise: input.exercise, operationId: input.operationId });
    return { input, content, sharing, attachments, hash, faults, isWhole };
  }

  /**
   * Stores violations of one operation with their figures, feed events and audit entries, in a transaction that has entered it.
   * @param reports each with an id that no other of them has
   * @returns what came of each, in their order
   */
  async logAll(
    tx: Tx,
    actor: Actor,
    operationId: string,
    reports: readonly ReportedViolation[],
  ): Promise<LogOutcome[]> {
    const placed = await this.placeAll(tx, actor, operationId, reports);
    const whole = placed.filter((each): each is Placed => !(each instanceof MusterError) && each.report.isWhole);
    const claims = whole.map(({ claim }) => claim);
    const fresh = await claimAll(tx, claims);
    const repeats = await judgeRepeats(
      tx,
      claims.filter(({ id }) => !fresh.has(id)),
    );
    const isForNew = placed.some((each) => !(each instanceof MusterError) && !repeats.has(each.claim.id));
    const operation = isForNew ? await this.operations.byId(tx, operationId) : undefined;
    const now = this.clock.now();
    const logged: { readonly report: ReportedViolation; readonly state: ViolationState }[] = [];
    const refused: string[] = [];
    const outcomes = placed.map((each): LogOutcome => {
      if (each instanceof MusterError) return each;
      const repeat = repeats.get(each.claim.id);
      if (repeat !== undefined && each.report.isWhole) return repeat;
      try {
        if (!operation) throw new Error('A report that is no repeat is judged by its operation.');
        logged.push({ report: each.report, state: this.judge(actor, operation, each, now) });
        return 'LOGGED';
      } catch (error) {
        if (!(error instanceof MusterError)) throw error;
        if (each.report.isWhole) refused.push(each.claim.id);
        return error;
      }
    });
    if (refused.length > 0) await query(tx, `SELECT unclaim_records($1)`, [refused]);
    await this.storeAll(tx, actor, operationId, logged, now);
    return outcomes;
  }

  /** What each report names, and the country that it would belong to; looked up once for all that name the same. */
  private async placeAll(
    tx: Tx,
    actor: Actor,
    operationId: string,
    reports: readonly ReportedViolation[],
  ): Promise<(Placed | MusterError)[]> {
    const standing = standingIn(actor, operationId);
    const known = new Map<string, Named>();
    const placed: (Placed | MusterError)[] = [];
    for (const report of reports) {
      const { input, sharing, hash } = report;
      const key = [input.agencyId, ...sharing.nameUserIds].join();
      const named = known.get(key) ?? (await lookUp(tx, operationId, input.agencyId, sharing));
      known.set(key, named);
      try {
        const country = ownerOf(actor, standing, operationId, named.agency);
        placed.push({ report, named, claim: { id: input.id, operationId, country, hash, kind: 'violation' } });
      } catch (error) {
        if (!(error instanceof MusterError)) throw error;
        placed.push(error);
      }
    }
    return placed;
  }

  /** @throws MusterError with the phase, or else all that is wrong with the fields */
  private judge(actor: Actor, operation: Operation, { report, named, claim }: Placed, now: Date): ViolationState {
    const { input, content, sharing, faults } = report;
    assertTakesReports(operation, input.exercise, now);
    const id = checkUuidV7(input.id);
    if (!id.ok) faults.add('input.id', id.rule, id.message);
    if (!named.agency) faults.add('input.agencyId', 'agency', 'Name an agency of your country.');
    judgeDetection(faults, operation, input.detectedAt, now, { isExercise: input.exercise, isSeizure: false });
    judgeContent(this.reference, faults, operation, content, now);
    const by = { ...named, owner: claim.country, concerned: concernedBy(this.reference, content) };
    judgeViolationSharing(this.reference, faults, 'input.sharing', input.sharing, by, operation, now);
    faults.throwIfAny();
    const at = now.toISOString();
    return stateOf(
      this.reference,
      {
        operationId: operation.id,
        id: input.id,
        country: claim.country,
        authorId: actor.userId ?? '',
        unitId: null,
        source: ViolationSource.COORDINATOR,
        late: isLateAt(operation, now),
        exercise: input.exercise,
        riskIndicators: [],
        recordedAt: at,
        arrivedAt: at,
      },
      content,
      sharing,
      countedDay(operation, input.detectedAt, now),
    );
  }

  private async storeAll(
    tx: Tx,
    actor: Actor,
    operationId: string,
    logged: readonly { readonly report: ReportedViolation; readonly state: ViolationState }[],
    now: Date,
  ): Promise<void> {
    if (logged.length === 0) return;
    const lists = logged.map(({ report: { input, attachments }, state: { identity } }) => ({
      actor,
      operationId,
      recordId: input.id,
      country: identity.country,
      attachments,
    }));
    await this.listing.list(tx, lists);
    const first = { before: null, version: 1, reason: null, commandHash: null, authorId: actor.userId ?? '' };
    await this.store.write(
      tx,
      actor,
      operationId,
      logged.map(({ state }) => ({ ...first, after: state, at: now.toISOString(), kind: 'violation.logged' })),
    );
  }
}
