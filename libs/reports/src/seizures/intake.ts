import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { isPosted } from '#identity';
import type { Operation } from '#operations';
import {
  type Actor,
  Clock,
  Database,
  type Faults,
  insertRows,
  isUnavailable,
  MusterError,
  notFound,
  Outbox,
  partOfMuster,
  prepared,
  query,
  type Tx,
} from '#platform';
import { checkUuidV7, ReferenceService } from '#reference';

import { AttachmentListing } from '../attachments/attachment-listing.js';
import type { AttachmentContent } from '../attachments/read-attachments.js';
import { type Claim, judgeRepeat } from '../records/claims.js';
import { daysSince, explainCountry, judgeCodes } from '../records/codes.js';
import type { SeizureContent, SharingContent } from '../records/content.js';
import { recordLines } from '../records/lines.js';
import { assertTakesReports, countedDay, isLateAt, judgeDetection } from '../records/reportable.js';
import { countriesOfRoute } from '../records/routes.js';
import { judgeSharing } from '../records/sharing.js';
import type { NamedPeople } from '../sharing-ceilings/ceiling-rule.js';
import { type CeilingsInForce, ceilingsInForce } from '../sharing-ceilings/ceilings-in-force.js';
import { namedPeople } from '../sharing-ceilings/named-people.js';
import { SeizureStatus } from '../vocabulary.js';
import { Backlog } from './backlog.js';
import { comeBack } from './come-back.js';
import { Gathering, toError } from './gathering.js';
import { notOfUnit } from './not-of-unit.js';
import type { SeizureReceipt } from './seizure.js';
import type { ReportSeizureInput } from './seizure.inputs.js';
import { concernedByReport, type ReceivedSeizure, seizureRow } from './seizure-row.js';

/** A report of somebody who may report for the unit, read but not yet judged. */
export interface ReportAtDoor {
  readonly actor: Actor;
  readonly input: ReportSeizureInput;
  readonly content: SeizureContent;
  readonly sharing: SharingContent;
  readonly attachments: readonly AttachmentContent[];
  readonly claim: Claim;
  /** What was found wrong while it was read. */
  readonly faults: Faults;
}

interface Unit {
  readonly unlocode: string;
  readonly agencies: readonly string[];
}

/** What the reports of a batch name, and whose ids were free: one statement for all of it. */
interface Looked {
  readonly claimed: string[];
  readonly operation: Operation;
  readonly units: Readonly<Record<string, Unit>>;
  readonly indicators: string[];
  readonly people: NamedPeople;
  readonly ceilings: CeilingsInForce;
}

/** How a report came out of its batch. */
type Outcome = SeizureReceipt | MusterError;

const LOOK = `
  SELECT ARRAY(SELECT id FROM claim_records($1, 'seizure', $2) AS id) AS claimed,
    jsonb_build_object('id', o.id, 'phase', o.phase, 'kind', o.kind, 'timeZone', o.time_zone,
      'operationalStartsOn', o.operational_starts_on, 'operationalEndsOn', o.operational_ends_on,
      'reportingDeadline', o.reporting_deadline) AS operation,
    (SELECT jsonb_object_agg(u.id, jsonb_build_object('unlocode', u.unlocode, 'agencies',
       ARRAY(SELECT agency_id FROM port_unit_agencies WHERE unit_id = u.id))) FROM port_units u WHERE u.id = ANY($3::uuid[])) AS units,
    ARRAY(SELECT code FROM operation_risk_indicators WHERE operation_id = o.id AND code = ANY($4::text[])) AS indicators,
    ${namedPeople('$5::uuid[]', '$1')} AS people,
    ${ceilingsInForce('$1', '$6::text[]')} AS ceilings
  FROM operations o WHERE o.id = $1`;

const INTAKE = partOfMuster('intake');

/**
 * Takes in the reports that arrive together in one transaction, as round trips and commits cost more than the work in them. Each
 * report is judged by itself and gets its own answer; what is wrong with one stops no other.
 */
@Injectable()
export class Intake {
  /** Reports that were refused for now since the start, by what was too full. */
  readonly refused = { door: 0, queue: 0 };
  private readonly gathering = new Gathering<ReportAtDoor, SeizureReceipt>(
    (reports) => this.takeBatch(reports),
    () => {
      this.refused.door += 1;
      return comeBack();
    },
    isUnavailable,
  );

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly reference: ReferenceService,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
    private readonly listing: AttachmentListing,
    private readonly backlog: Backlog,
  ) {}

  /**
   * Stores a report with what is owed for it. The receipt comes when it is durable, and not before.
   * @throws UNAVAILABLE, at once and with nothing stored, where more has come than can be taken or settled
   */
  async take(report: ReportAtDoor): Promise<SeizureReceipt> {
    const { operationId, country, id } = report.claim;
    const behind = this.backlog.refusalOf(operationId, country);
    if (behind) {
      this.refused.queue += 1;
      throw behind;
    }
    return this.gathering.add({ group: operationId, lane: country, id }, report);
  }

  /** How many reports wait at this process's door to be stored, and how long the first of them has waited. */
  load(): { readonly waiting: number; readonly oldestSeconds: number } {
    return { waiting: this.gathering.depth, oldestSeconds: this.gathering.age / 1000 };
  }

  /** A batch that the database refuses runs again one by one, so that each sender gets the own error. */
  private async takeBatch(reports: readonly ReportAtDoor[]): Promise<(SeizureReceipt | Error)[]> {
    try {
      return await this.takeTogether(reports);
    } catch (error) {
      if (reports.length === 1 || isUnavailable(error)) return reports.map(() => toError(error));
      const outcomes: (SeizureReceipt | Error)[] = [];
      for (const report of reports) {
        // Where the database has gone in between, the rest is told so at once and does not wait for it one by one.
        const last = outcomes.at(-1);
        outcomes.push(...(last instanceof Error && isUnavailable(last) ? [last] : await this.takeBatch([report])));
      }
      return outcomes;
    }
  }

  private takeTogether(reports: readonly ReportAtDoor[]): Promise<Outcome[]> {
    const [first] = reports;
    if (!first) return Promise.resolve([]);
    const { operationId } = first.claim;
    return this.database.write(
      reports.length === 1 ? first.actor : INTAKE,
      async (tx) => {
        const looked = await look(tx, operationId, reports);
        const now = this.clock.now();
        const received: { readonly report: ReportAtDoor; readonly seizure: ReceivedSeizure }[] = [];
        const refused: string[] = [];
        const outcomes: Outcome[] = [];
        for (const report of reports) {
          const isNew = looked.claimed.includes(report.claim.id);
          try {
            if (isNew) {
              received.push({ report, seizure: this.judge(report, looked, now) });
              outcomes.push({ id: report.claim.id, status: SeizureStatus.RECEIVED, receivedAt: now });
            } else {
              outcomes.push(await repeat(tx, report, countedDay(looked.operation, report.input.detectedAt, now)));
            }
          } catch (error) {
            if (!(error instanceof MusterError)) throw error;
            if (isNew) refused.push(report.claim.id);
            outcomes.push(error);
          }
        }
        if (refused.length > 0) await query(tx, `SELECT unclaim_records($1)`, [refused]);
        await this.acceptAll(tx, received);
        return outcomes;
      },
      { operationId, plannedOnce: true },
    );
  }

  /** Stores reports with what is owed for them, none without the other. */
  private async acceptAll(
    tx: Tx,
    received: readonly { readonly report: ReportAtDoor; readonly seizure: ReceivedSeizure }[],
  ): Promise<void> {
    // Sent together: none waits for the answer to another, and the connection answers in order.
    await Promise.all([
      insertRows(
        tx,
        'seizures',
        received.map(({ seizure }) => seizureRow(seizure)),
      ),
      this.audit.appendAll(
        tx,
        received.map(({ report: { actor }, seizure: { operationId, id } }) => ({
          actor,
          operationId,
          action: 'seizure.received',
          subjectId: id,
          version: 1,
        })),
      ),
      this.listing.list(
        tx,
        received.map(({ report: { actor, attachments }, seizure: { operationId, id, country } }) => ({
          actor,
          operationId,
          recordId: id,
          country,
          attachments,
        })),
      ),
      this.outbox.owe(
        tx,
        received.map(({ seizure: { operationId, id, country } }) => ({
          kind: 'seizure.settle',
          operationId,
          country,
          subjectId: id,
        })),
      ),
    ]);
  }

  /** @throws MusterError with what stands in the way: who, the phase, and at last all that is wrong with the fields */
  private judge(report: ReportAtDoor, looked: Looked, now: Date): ReceivedSeizure {
    const { actor, input, content, sharing, claim } = report;
    const { operation } = looked;
    const unit = looked.units[input.unitId];
    const day = countedDay(operation, input.detectedAt, now);
    if (!unit || !isPosted(actor, input.unitId, day)) throw notOfUnit();
    assertTakesReports(operation, input.exercise, now);
    this.judgeFields(report, looked, unit, now);
    return {
      operationId: claim.operationId,
      id: claim.id,
      country: claim.country,
      authorId: actor.userId ?? '',
      agencyId: actor.agencyId ?? '',
      content,
      lines: recordLines(content.lines, day, this.reference),
      sharing,
      day,
      late: isLateAt(operation, now),
      exercise: input.exercise,
      receivedAt: now.toISOString(),
      placeCountry: unit.unlocode.slice(0, 2),
    };
  }

  private judgeFields({ input, content, claim, faults }: ReportAtDoor, looked: Looked, unit: Unit, now: Date): void {
    const { operation } = looked;
    const id = checkUuidV7(input.id);
    if (!id.ok) faults.add('input.id', id.rule, id.message);
    judgeDetection(faults, operation, input.detectedAt, now, { isExercise: input.exercise, isSeizure: true });
    const since = daysSince(operation, now);
    judgeCodes(faults, this.reference, since, content, [
      ...countriesOfRoute('input.route', content.route),
      ...(content.vessel?.flag ? [['input.vessel.flag', content.vessel.flag] as const] : []),
    ]);
    input.riskIndicators?.forEach((code, index) => {
      if (looked.indicators.includes(code)) return;
      faults.add(`input.riskIndicators.${index}`, 'risk-indicator', "Give a code of the operation's vocabulary.");
    });
    input.agencyIds?.forEach((agencyId, index) => {
      if (unit.agencies.includes(agencyId)) return;
      faults.add(`input.agencyIds.${index}`, 'agency', 'Name an agency of the unit.');
    });
    const explain = (code: string): string | undefined => explainCountry(this.reference, since, code);
    const { country: owner } = claim;
    const limits = looked.ceilings?.[owner] ?? null;
    const concerned = concernedByReport(content, unit.unlocode.slice(0, 2));
    judgeSharing(faults, 'input.sharing', input.sharing, { limits, owner, concerned, people: looked.people }, explain);
    faults.throwIfAny();
  }
}

async function look(tx: Tx, operationId: string, reports: readonly ReportAtDoor[]): Promise<Looked> {
  const [looked] = await prepared<Looked & { [column: string]: unknown }>(tx, LOOK, [
    operationId,
    JSON.stringify(reports.map(({ claim: { id, country, hash } }) => ({ id, country, hash }))),
    [...new Set(reports.map(({ input }) => input.unitId))],
    [...new Set(reports.flatMap(({ content }) => content.riskIndicators))],
    [...new Set(reports.flatMap(({ sharing }) => sharing.nameUserIds))],
    [...new Set(reports.map(({ claim: { country } }) => country))],
  ]);
  if (!looked) throw notFound();
  return { ...looked, units: looked.units ?? {}, people: looked.people ?? {} };
}

// The reporter gets the receipt again even when the posting has ended since: what was acknowledged stays so.
async function repeat(tx: Tx, { actor, claim, input }: ReportAtDoor, day: string): Promise<SeizureReceipt> {
  const [row] = await prepared<{ status: SeizureStatus; received_at: Date; author_id: string }>(
    tx,
    `SELECT status, received_at, author_id FROM receipt_of($1, $2)`,
    [claim.operationId, claim.id],
  );
  if (row?.author_id !== actor.userId && !isPosted(actor, input.unitId, day)) throw notOfUnit();
  await judgeRepeat(tx, claim);
  if (!row) throw notFound();
  return { id: claim.id, status: row.status, receivedAt: row.received_at };
}
