import { Injectable } from '@nestjs/common';
import { Audit, Readings } from '#audit';
import { isInside, lookInto, type Standing, standingIn } from '#identity';
import { enterAsHub } from '#operations';
import { type Actor, Database, Faults, notFound, Outbox, Role, type Tx } from '#platform';

import { AttachmentListing } from '../attachments/attachment-listing.js';
import { listedContent } from '../attachments/read-attachments.js';
import { type Claim, operationOf } from '../records/claims.js';
import { fingerprint } from '../records/fingerprint.js';
import { refuseOutsider } from '../records/reportable.js';
import { readSharing } from '../records/sharing.js';
import { Intake } from './intake.js';
import { notOfUnit } from './not-of-unit.js';
import { readSeizure } from './read-seizure.js';
import { ReportsWake } from './reports-wake.js';
import type { FailedReport, Seizure, SeizureReceipt } from './seizure.js';
import type { ReportSeizureInput } from './seizure.inputs.js';
import { SeizureReading } from './seizure-reading.js';

/** Seizure reports at the door: what is acknowledged here is durable, and owed to be settled by the worker. */
@Injectable()
export class Seizures {
  constructor(
    private readonly database: Database,
    private readonly reading: SeizureReading,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
    private readonly wake: ReportsWake,
    private readonly intake: Intake,
    private readonly readings: Readings,
    private readonly listing: AttachmentListing,
  ) {}

  /** Takes in a report with what is owed for it; then wakes the worker. */
  async report(actor: Actor, input: ReportSeizureInput): Promise<SeizureReceipt> {
    const viewer = standingIn(actor, input.operationId);
    if (!isInside(viewer)) return this.database.read(actor, (tx) => refuseOutsider(tx, actor, input.operationId));
    const country = countryOfUnit(actor, input);
    const faults = new Faults();
    const content = readSeizure(faults, input);
    const sharing = readSharing(input.sharing);
    const attachments = this.listing.read(faults, input.attachments);
    const said = { ...content, ...listedContent(attachments), sharing };
    const hash = fingerprint({ ...said, exercise: input.exercise, operationId: input.operationId });
    const claim: Claim = { id: input.id, operationId: input.operationId, country, hash, kind: 'seizure' };
    const receipt = await this.intake.take({ actor, input, content, sharing, attachments, claim, faults });
    this.wake.soon();
    return receipt;
  }

  /** @throws NOT_FOUND where it is absent or not for the actor to see, which reads the same */
  async find(actor: Actor, id: string): Promise<Seizure> {
    const seizure = await this.database.readAnywhere(actor, async (tx) => {
      const operationId = await operationOf(tx, id);
      return this.present(tx, await lookInto(tx, actor, operationId), operationId, id);
    });
    this.readings.note(actor, { operationId: seizure.operationId, what: 'seizure', recordIds: [id] });
    return seizure;
  }

  async present(tx: Tx, viewer: Standing, operationId: string, id: string): Promise<Seizure> {
    const seizure = (await this.reading.byIds(tx, viewer, operationId, [id])).get(id);
    if (!seizure) throw notFound();
    return seizure;
  }

  /** What the queue gave up on, for the hub. */
  failed(actor: Actor, operationId: string): Promise<FailedReport[]> {
    return this.database.readAnywhere(actor, async (tx) => {
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
