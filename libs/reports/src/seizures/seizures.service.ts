import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { isInside, isPosted, type Standing, standingIn, viewerOf } from '#identity';
import { enterAsHub, type Operation } from '#operations';
import {
  type Actor,
  Clock,
  Database,
  Faults,
  forbidden,
  insertRows,
  notFound,
  Outbox,
  prepared,
  Role,
  type Tx,
} from '#platform';
import { checkUuidV7, ReferenceService } from '#reference';

import { CLAIM, type Claim, claimValues, judgeRepeat, operationOf } from '../records/claims.js';
import { daysSince, explainCountry, judgeCodes } from '../records/codes.js';
import type { SeizureContent, SharingContent } from '../records/content.js';
import { fingerprint } from '../records/fingerprint.js';
import { recordLines } from '../records/lines.js';
import { assertTakesReports, countedDay, judgeDetection, refuseOutsider, isLateAt } from '../records/reportable.js';
import { countriesOfRoute } from '../records/routes.js';
import { judgeSharing, readSharing } from '../records/sharing.js';
import { readSeizure } from './read-seizure.js';
import { ReportsWake } from './reports-wake.js';
import type { FailedReport, Seizure, SeizureReceipt } from './seizure.js';
import type { ReportSeizureInput } from './seizure.inputs.js';
import { SeizureReading } from './seizure-reading.js';
import { type ReceivedSeizure, seizureRow } from './seizure-row.js';

/** What a report names, and whether its id was free: one statement for all of it. */
interface Looked {
  readonly claimed: boolean;
  readonly operation: Operation;
  readonly unlocode: string;
  readonly unitAgencies: string[];
  readonly indicators: string[];
  readonly users: string[];
}

const LOOK = `
  WITH claim AS (${CLAIM})
  SELECT EXISTS (SELECT FROM claim) AS claimed, u.unlocode,
    jsonb_build_object('id', o.id, 'phase', o.phase, 'kind', o.kind, 'timeZone', o.time_zone,
      'operationalStartsOn', o.operational_starts_on, 'operationalEndsOn', o.operational_ends_on,
      'reportingDeadline', o.reporting_deadline) AS operation,
    ARRAY(SELECT agency_id FROM port_unit_agencies WHERE unit_id = u.id) AS "unitAgencies",
    ARRAY(SELECT code FROM operation_risk_indicators WHERE operation_id = o.id AND code = ANY($7::text[])) AS indicators,
    ARRAY(SELECT id FROM users WHERE id = ANY($8::uuid[])) AS users
  FROM operations o, port_units u WHERE o.id = $2 AND u.id = $6`;

/** Seizure reports at the door: what is acknowledged here is durable, and owed to be settled by the worker. */
@Injectable()
export class Seizures {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly reference: ReferenceService,
    private readonly reading: SeizureReading,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
    private readonly wake: ReportsWake,
  ) {}

  /** Takes in a report with what is owed for it, in one transaction; then wakes the worker. */
  async report(actor: Actor, input: ReportSeizureInput): Promise<SeizureReceipt> {
    const viewer = standingIn(actor, input.operationId);
    if (!isInside(viewer)) return this.database.read(actor, (tx) => refuseOutsider(tx, actor, input.operationId));
    const country = countryOfUnit(actor, input);
    const faults = new Faults();
    const content = readSeizure(faults, input);
    const sharing = readSharing(input.sharing);
    const hash = fingerprint({ ...content, sharing, exercise: input.exercise, operationId: input.operationId });
    const claim: Claim = { id: input.id, operationId: input.operationId, country, hash, kind: 'seizure' };

    const receipt = await this.database.write(
      actor,
      async (tx) => {
        const looked = await look(tx, claim, content, sharing);
        const now = this.clock.now();
        const day = countedDay(looked.operation, input.detectedAt, now);
        if (!looked.claimed) return this.repeat(tx, actor, claim, input.unitId, day);
        if (!isPosted(actor, input.unitId, day)) throw notOfUnit();
        assertTakesReports(looked.operation, input.exercise, now);
        this.judge(faults, input, content, looked, country, now);
        faults.throwIfAny();
        const received: ReceivedSeizure = {
          operationId: input.operationId,
          id: input.id,
          country,
          authorId: actor.userId ?? '',
          agencyId: actor.agencyId ?? '',
          content,
          lines: recordLines(content.lines, day, this.reference),
          sharing,
          day,
          late: isLateAt(looked.operation, now),
          exercise: input.exercise,
          receivedAt: now.toISOString(),
          placeCountry: looked.unlocode.slice(0, 2),
        };
        await this.acceptAll(tx, actor, [received]);
        return { id: input.id, status: 'RECEIVED' as SeizureReceipt['status'], receivedAt: now };
      },
      { operationId: input.operationId },
    );
    this.wake.soon();
    return receipt;
  }

  /** Stores reports with what is owed for them, none without the other. */
  async acceptAll(tx: Tx, actor: Actor, received: readonly ReceivedSeizure[]): Promise<void> {
    await insertRows(tx, 'seizures', received.map(seizureRow));
    await this.audit.append(
      tx,
      actor,
      ...received.map(({ operationId, id }) => ({
        operationId,
        action: 'seizure.received',
        subjectId: id,
        version: 1,
      })),
    );
    await this.outbox.owe(
      tx,
      received.map(({ operationId, id }) => ({ kind: 'seizure.settle', operationId, subjectId: id })),
    );
  }

  /** @throws NOT_FOUND where it is absent or not for the actor to see, which reads the same */
  find(actor: Actor, id: string): Promise<Seizure> {
    return this.database.read(actor, async (tx) => {
      const operationId = await operationOf(tx, id);
      return this.present(tx, viewerOf(actor, operationId), operationId, id);
    });
  }

  async present(tx: Tx, viewer: Standing, operationId: string, id: string): Promise<Seizure> {
    const seizure = (await this.reading.byIds(tx, viewer, operationId, [id])).get(id);
    if (!seizure) throw notFound();
    return seizure;
  }

  /** What the queue gave up on, for the hub. */
  failed(actor: Actor, operationId: string): Promise<FailedReport[]> {
    return this.database.read(actor, async (tx) => {
      await enterAsHub(tx, actor, operationId);
      const failed = await this.outbox.failed(tx, 'seizure.settle', operationId);
      return failed.map(({ subjectId: seizureId, failedAt, attempts, reason }) => ({
        seizureId,
        failedAt,
        attempts,
        reason,
      }));
    });
  }

  /** Makes a report that was given up on due again; false where it was not given up on. */
  async resend(actor: Actor, id: string): Promise<boolean> {
    const isSent = await this.database.write(actor, async (tx) => {
      const operationId = await operationOf(tx, id);
      const viewer = await enterAsHub(tx, actor, operationId);
      if (!(await this.outbox.again(tx, 'seizure.settle', id))) {
        await this.present(tx, viewer, operationId, id); // a report that the hub may not know of is not there
        return false;
      }
      await this.audit.append(tx, actor, { operationId, action: 'seizure.resent', subjectId: id });
      return true;
    });
    if (isSent) this.wake.soon();
    return isSent;
  }

  // The reporter gets the receipt again even when the posting has ended since: what was acknowledged stays so.
  private async repeat(tx: Tx, actor: Actor, claim: Claim, unitId: string, day: string): Promise<SeizureReceipt> {
    const [row] = await prepared<{ status: SeizureReceipt['status']; received_at: Date; author_id: string }>(
      tx,
      `SELECT status, received_at, author_id FROM seizures WHERE operation_id = $1 AND id = $2`,
      [claim.operationId, claim.id],
    );
    if (row?.author_id !== actor.userId && !isPosted(actor, unitId, day)) throw notOfUnit();
    await judgeRepeat(tx, claim);
    if (!row) throw notFound();
    return { id: claim.id, status: row.status, receivedAt: row.received_at };
  }

  private judge(
    faults: Faults,
    input: ReportSeizureInput,
    content: SeizureContent,
    looked: Looked,
    country: string,
    now: Date,
  ): void {
    const { operation } = looked;
    const id = checkUuidV7(input.id);
    if (!id.ok) faults.add('input.id', id.rule, id.message);
    judgeDetection(faults, operation, input.detectedAt, now, { isExercise: input.exercise, isSeizure: true });
    const since = daysSince(operation, now);
    judgeCodes(faults, this.reference, since, content, [
      ...countriesOfRoute('input.route', content.route),
      ...(content.vessel?.flag ? [['input.vessel.flag', content.vessel.flag] as const] : []),
    ]);
    (input.riskIndicators ?? []).forEach((code, index) => {
      if (!looked.indicators.includes(code)) {
        faults.add(`input.riskIndicators.${index}`, 'risk-indicator', "Give a code of the operation's vocabulary.");
      }
    });
    (input.agencyIds ?? []).forEach((agencyId, index) => {
      if (!looked.unitAgencies.includes(agencyId))
        faults.add(`input.agencyIds.${index}`, 'agency', 'Name an agency of the unit.');
    });
    judgeSharing(
      faults,
      'input.sharing',
      input.sharing,
      country,
      (code) => explainCountry(this.reference, since, code),
      looked.users,
    );
  }
}

/** The country that the actor reports for: that of the unit, by the grant in this operation. */
function countryOfUnit(actor: Actor, { operationId, unitId }: ReportSeizureInput): string {
  const grant = actor.grants.find(
    (held) =>
      held.role === Role.PORT_UNIT_OFFICER &&
      held.operationId === operationId &&
      held.unitId === unitId &&
      held.participation === 'ACCEPTED',
  );
  if (!grant?.country) throw notOfUnit();
  return grant.country;
}

function notOfUnit(): Error {
  return forbidden('Seizures are reported by officers posted to the unit on the day of detection.');
}

async function look(tx: Tx, claim: Claim, content: SeizureContent, sharing: SharingContent): Promise<Looked> {
  const values = [...claimValues(claim), content.unitId, content.riskIndicators, sharing.nameUserIds];
  const [looked] = await prepared<Looked & { [column: string]: unknown }>(tx, LOOK, values);
  if (!looked) throw notFound();
  return looked;
}
