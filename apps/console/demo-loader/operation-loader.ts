import { Injectable } from '@nestjs/common';
import { Grants } from '#identity';
import {
  FindingsService,
  OperationPhase,
  Operations,
  Participations,
  ParticipationStatus,
  RiskIndicators,
} from '#operations';
import { type Actor, Clock, Role } from '#platform';

import { type DemoFindings, type DemoGrant, type DemoOperation, demoPeople } from '../demo/index.js';
import { minutesAfter } from '../demo/local-time.js';
import type { Cast } from './cast.js';

const HUB_OFFICER = 'hub-officer';
const HUB_ANALYST = 'hub-analyst';

const ORDER: readonly OperationPhase[] = [
  OperationPhase.PREPARATION,
  OperationPhase.OPERATIONAL,
  OperationPhase.POST_OPERATIONAL,
  OperationPhase.CLOSED,
];

/** The longest that may be set. */
const DEMO_RETENTION_MONTHS = 360;

/** Takes an operation through its life, each step at its own instant and by whom it belongs to; steps taken before stay as they are. */
@Injectable()
export class OperationLoader {
  constructor(
    private readonly clock: Clock,
    private readonly operations: Operations,
    private readonly participations: Participations,
    private readonly riskIndicators: RiskIndicators,
    private readonly findings: FindingsService,
    private readonly grants: Grants,
  ) {}

  /** Creates the operation, known by its code name, and brings it as far as the phase in which records come in. */
  async open(cast: Cast, operation: DemoOperation): Promise<string> {
    const { createdAt, answeredAt, operationalAt } = operation.timeline;
    const id = await this.clock.at(createdAt, () => this.create(cast, operation));
    if (answeredAt) await this.clock.at(answeredAt, () => this.gather(cast, id, operation));
    if (operationalAt) await this.clock.at(operationalAt, () => this.move(cast, id, OperationPhase.OPERATIONAL));
    return id;
  }

  /** Has an operation's figures certified and its findings published, and closes it, as far as its timeline goes. */
  async close(cast: Cast, id: string, { timeline }: DemoOperation, findings: readonly DemoFindings[]): Promise<void> {
    const { postOperationalAt, certifiedAt, findingsAt, closedAt } = timeline;
    if (postOperationalAt)
      await this.clock.at(postOperationalAt, () => this.move(cast, id, OperationPhase.POST_OPERATIONAL));
    if (certifiedAt) await this.clock.at(certifiedAt, () => this.certify(cast, id));
    if (findingsAt) await this.publish(cast, id, findings, findingsAt);
    if (!closedAt) return;
    await this.clock.at(closedAt, () => this.keepLong(cast, id));
    await this.clock.at(closedAt, () => this.move(cast, id, OperationPhase.CLOSED));
  }

  /** An operation of years ago would soon be anonymised, and nothing be left to be tried out. */
  private async keepLong(cast: Cast, id: string): Promise<void> {
    const hub = await cast.actor(HUB_OFFICER);
    const { version, retentionMonths } = await this.operations.find(hub, id);
    if (retentionMonths === DEMO_RETENTION_MONTHS) return;
    await this.operations.setRetention(hub, id, version, 'Kept for those who try Muster out.', DEMO_RETENTION_MONTHS);
  }

  private async create(
    cast: Cast,
    { input, riskIndicators, participants, openInvitations }: DemoOperation,
  ): Promise<string> {
    const hub = await cast.actor(HUB_OFFICER);
    const known = (await this.operations.list(hub)).find(({ codeName }) => codeName === input.codeName);
    const { id } = known ?? (await this.operations.create(hub, input));
    const chosen = await this.riskIndicators.list(hub, id);
    if (chosen.map(({ code }) => code).join() !== riskIndicators.join()) {
      await this.riskIndicators.set(hub, id, riskIndicators);
    }
    const invited = (await this.participations.ofOperation(hub, id)).map(({ country }) => country);
    const wanted = [...participants.map(({ country }) => country), ...openInvitations];
    const left = wanted.filter((country) => !invited.includes(country));
    if (left.length > 0) await this.participations.invite(hub, id, left);
    return id;
  }

  /** Each country's contact point answers its invitation; then officers and observers get their roles. */
  private async gather(cast: Cast, id: string, { key, participants }: DemoOperation): Promise<void> {
    const participations = await this.participations.ofOperation(await cast.actor(HUB_OFFICER), id);
    for (const { country, leadAgencyKey, coordinatorKeys } of participants) {
      const participation = participations.find((other) => other.country === country);
      if (participation?.status !== ParticipationStatus.INVITED) continue;
      const [contact = ''] = coordinatorKeys;
      await this.participations.answer(await cast.actor(contact), {
        participationId: participation.id,
        accept: true,
        leadAgencyId: cast.agency(leadAgencyKey),
        coordinatorUserIds: coordinatorKeys.map((person) => cast.person(person)),
      });
    }
    cast.forgetRights();
    for (const { key: person, grants } of demoPeople) {
      for (const grant of grants.filter(({ operation }) => operation === key))
        await this.grant(cast, id, person, grant);
    }
    cast.forgetRights();
  }

  private async grant(cast: Cast, operationId: string, person: string, grant: DemoGrant): Promise<void> {
    const { role, country, unitKey } = grant;
    const giver = role === Role.OBSERVER ? HUB_OFFICER : `coordinator/${country}`;
    const unitId = unitKey === null ? null : cast.unit(unitKey);
    await this.grants.grantRole(await cast.actor(giver), {
      userId: cast.person(person),
      role,
      operationId,
      country,
      unitId,
    });
  }

  private async move(cast: Cast, id: string, to: OperationPhase): Promise<void> {
    const hub = await cast.actor(HUB_OFFICER);
    const { phase, version } = await this.operations.find(hub, id);
    if (ORDER.indexOf(phase) < ORDER.indexOf(to)) await this.operations.move(hub, id, to, version);
  }

  private async certify(cast: Cast, id: string): Promise<void> {
    const participations = await this.participations.ofOperation(await cast.actor(HUB_OFFICER), id);
    for (const participation of participations) {
      if (participation.status !== ParticipationStatus.ACCEPTED || participation.certifiedAt !== null) continue;
      const coordinator = await cast.actor(`coordinator/${participation.country}`);
      await this.participations.certify(coordinator, participation.id, await this.head(coordinator, id));
    }
  }

  private async publish(cast: Cast, id: string, findings: readonly DemoFindings[], from: Date): Promise<void> {
    const analyst = await cast.actor(HUB_ANALYST);
    const published = (await this.findings.ofOperations(analyst, [id])).flat().map(({ title }) => title);
    for (const [index, { title, text }] of findings.entries()) {
      if (published.includes(title)) continue;
      await this.clock.at(minutesAfter(from, index * 10), async () =>
        this.findings.publish(analyst, id, title, text, await this.head(analyst, id)),
      );
    }
  }

  private async head(viewer: Actor, id: string): Promise<string> {
    const [cursor = ''] = await this.operations.headCursors(viewer, [id]);
    return cursor;
  }
}
