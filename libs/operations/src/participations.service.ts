import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Feed } from '#feed';
import { contactOf, Directory, enter, type Standing, standingIn } from '#identity';
import {
  type Actor,
  Clock,
  Database,
  Faults,
  forbidden,
  hasRole,
  insertRows,
  LONGEST_REASON,
  MusterError,
  notFound,
  optionalText,
  query,
  requiredText,
  Role,
  type Tx,
} from '#platform';
import { ReferenceService } from '#reference';
import { v7 } from 'uuid';

import { hasReportsWaiting } from './gates.js';
import type { AnswerInvitationInput } from './operations.inputs.js';
import { enterAsHub, Operations, wrongPhase } from './operations.service.js';
import type { Participation } from './participation.entity.js';
import { OperationPhase, ParticipationStatus } from './vocabulary.js';

const INVITING: readonly OperationPhase[] = [OperationPhase.PREPARATION, OperationPhase.OPERATIONAL];

/** Why a country that stands so can't answer. */
const NOT_INVITED: Partial<Record<ParticipationStatus, string>> = {
  [ParticipationStatus.DECLINED]: 'The country has declined: it answers anew once the hub has invited it again.',
  [ParticipationStatus.WITHDRAWN]: "The country has withdrawn from this operation and can't come back into it.",
};

const SELECT = `
  SELECT p.id, p.operation_id AS "operationId", p.country, p.status, p.certified_at AS "certifiedAt", p.certified_position,
    CASE WHEN a.id IS NOT NULL THEN jsonb_build_object('id', a.id, 'name', a.name, 'kind', a.kind, 'country', a.country) END AS "leadAgency",
    COALESCE((SELECT jsonb_agg(jsonb_build_object('id', u.id, 'name', u.name) ORDER BY u.name, u.id)
      FROM users u WHERE u.id IN (SELECT g.user_id FROM grants g WHERE g.operation_id = p.operation_id AND g.country = p.country
        AND g.role = 'NATIONAL_COORDINATOR' AND g.ended_at IS NULL)), '[]') AS coordinators
  FROM participations p LEFT JOIN agencies a ON a.id = p.lead_agency_id`;

/** How countries come into an operation, leave it, and certify their figures. */
@Injectable()
export class Participations {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly operations: Operations,
    private readonly reference: ReferenceService,
    private readonly directory: Directory,
    private readonly feed: Feed,
    private readonly audit: Audit,
  ) {}

  /** Invites countries, and again those that declined; those that were invited or have accepted stay as they are. */
  invite(actor: Actor, operationId: string, countries: readonly string[]): Promise<Participation[]> {
    return this.database.write(
      actor,
      async (tx) => {
        await enterAsHub(tx, actor, operationId);
        const { phase } = await this.operations.byId(tx, operationId);
        if (!INVITING.includes(phase))
          throw wrongPhase(phase, 'Countries are invited until the operational phase ends.');
        const present = await this.of(tx, operationId);
        this.checkInvitations(countries, present);
        const wanted = [...new Set(countries)];
        const again = present.filter(
          ({ country, status }) => wanted.includes(country) && status === ParticipationStatus.DECLINED,
        );
        const fresh = wanted
          .filter((code) => !present.some(({ country }) => country === code))
          .map((country) => ({ id: v7(), country }));
        await this.openInvitations(tx, operationId, fresh, again);
        await this.tell(tx, actor, operationId, 'participation.invited', [...again, ...fresh]);
        const now = await this.of(tx, operationId);
        return wanted.flatMap((code) => now.find(({ country }) => country === code) ?? []);
      },
      { operationId, alone: true },
    );
  }

  /**
   * Accepts or declines an invitation. The coordinators named (the person who answers, if none) get the role in the operation.
   * An accepted country may answer again to change its lead agency and its coordinators; one that declined, once it is invited again.
   */
  answer(actor: Actor, input: AnswerInvitationInput): Promise<Participation> {
    return this.change(actor, input.participationId, async (tx, participation) => {
      const { operationId, country, status } = participation;
      if (!mayAnswer(actor, participation))
        throw forbidden('Only a coordinator of the country answers its invitation.');
      const { phase } = await this.operations.byId(tx, operationId);
      if (!INVITING.includes(phase))
        throw wrongPhase(phase, 'Invitations are answered until the operational phase ends.');
      const faults = new Faults();
      const reason = optionalText(faults, 'input.reason', input.reason, LONGEST_REASON);
      const closed = NOT_INVITED[status];
      if (closed !== undefined) faults.add('input.participationId', 'not-invited', closed);
      if (!input.accept && status === ParticipationStatus.ACCEPTED) {
        faults.add('input.accept', 'accepted', 'The country has accepted: withdraw its participation instead.');
      }
      const coordinators = input.coordinatorUserIds?.length
        ? [...new Set(input.coordinatorUserIds)]
        : [actor.userId ?? ''];
      if (input.accept) await this.checkAnswer(tx, faults, country, input, coordinators);
      faults.throwIfAny();

      await query(tx, `UPDATE participations SET status = $2, lead_agency_id = $3, answered_at = $4 WHERE id = $1`, [
        participation.id,
        input.accept ? ParticipationStatus.ACCEPTED : ParticipationStatus.DECLINED,
        input.accept ? (input.leadAgencyId ?? null) : null,
        this.clock.now(),
      ]);
      await this.directory.grantCoordinators(tx, actor, {
        operationId,
        country,
        userIds: input.accept ? coordinators : [],
      });
      const details = { accept: input.accept, leadAgencyId: input.leadAgencyId ?? null, coordinators, reason };
      await this.tell(tx, actor, operationId, 'participation.answered', [participation], details);
    });
  }

  /** Takes an accepted country out of the operation; its past reports stay. */
  withdraw(actor: Actor, id: string, reason: string): Promise<Participation> {
    return this.change(actor, id, async (tx, participation, standing) => {
      const isHub = standing.hub && hasRole(actor, Role.HUB);
      if (!isHub && !standing.coordinates.includes(participation.country)) {
        throw forbidden('Only a coordinator of the country or the hub withdraws it.');
      }
      const { phase } = await this.operations.byId(tx, participation.operationId);
      if (phase === OperationPhase.CLOSED) throw wrongPhase(phase, 'A closed operation is only read.');
      const faults = new Faults();
      const why = requiredText(faults, 'reason', reason, LONGEST_REASON);
      if (participation.status !== ParticipationStatus.ACCEPTED) {
        faults.add('participationId', 'not-accepted', 'Only a country that has accepted can withdraw.');
      }
      faults.throwIfAny();
      await query(tx, `UPDATE participations SET status = $2 WHERE id = $1`, [id, ParticipationStatus.WITHDRAWN]);
      await this.tell(tx, actor, participation.operationId, 'participation.withdrawn', [participation], {
        reason: why,
      });
    });
  }

  /**
   * Certifies a country's figures as they stood at a cursor.
   * @throws CONFLICT where a figure of the country changed after that
   */
  certify(actor: Actor, id: string, asOf: string): Promise<Participation> {
    return this.change(actor, id, async (tx, participation, standing) => {
      const { operationId, country } = participation;
      if (!standing.coordinates.includes(country))
        throw forbidden('Only a coordinator of the country certifies its figures.');
      const { phase } = await this.operations.byId(tx, operationId);
      const faults = new Faults();
      const position = this.feed.judgePosition(faults, operationId, asOf, 'asOf');
      if (faults.none && (await figuresMovedSince(tx, operationId, country, position))) {
        throw new MusterError(
          'CONFLICT',
          'Figures of the country changed after that: look at them again and certify anew.',
        );
      }
      if (phase !== OperationPhase.POST_OPERATIONAL)
        throw wrongPhase(phase, 'Figures are certified in the post-operational phase.');
      if (await hasReportsWaiting(tx, operationId, country)) {
        const missing = ["none of the country's reports waits for its decision"];
        throw new MusterError('PHASE', `Before certification: ${missing.join()}.`, { phase, missing });
      }
      faults.throwIfAny();
      await query(tx, `UPDATE participations SET certified_at = $2, certified_position = $3 WHERE id = $1`, [
        id,
        this.clock.now(),
        position,
      ]);
      await this.tell(tx, actor, operationId, 'participation.certified', [participation], { position });
    });
  }

  /**
   * Takes back the certification of countries whose figures are about to move, and gives the participations that were reopened,
   * to be told by the caller together with its own event.
   */
  reopen(tx: Tx, operationId: string, countries: readonly string[]): Promise<{ id: string; country: string }[]> {
    if (countries.length === 0) return Promise.resolve([]);
    return query(
      tx,
      `UPDATE participations SET certified_at = NULL, certified_position = NULL
       WHERE operation_id = $1 AND country = ANY($2::text[]) AND certified_at IS NOT NULL RETURNING id, country`,
      [operationId, countries],
    );
  }

  /** All participations of an operation, by country. */
  of(tx: Tx, operationId: string): Promise<Participation[]> {
    return this.select(tx, `WHERE p.operation_id = $1 ORDER BY p.country`, [operationId]);
  }

  withIds(tx: Tx, ids: readonly string[]): Promise<Participation[]> {
    return this.select(tx, `WHERE p.id = ANY($1::uuid[])`, [ids]);
  }

  ofOperation(actor: Actor, operationId: string): Promise<Participation[]> {
    return this.database.readAnywhere(actor, (tx) => this.of(tx, operationId));
  }

  /** All participations of each of the operations, in their order; one statement for all of them. */
  async ofOperations(actor: Actor, operations: readonly { readonly id: string }[]): Promise<Participation[][]> {
    const ids = [...new Set(operations.map(({ id }) => id))];
    const found = await this.database.readAnywhere(actor, (tx) =>
      this.select(tx, `WHERE p.operation_id = ANY($1::uuid[]) ORDER BY p.country`, [ids]),
    );
    const byOperation = new Map(ids.map((id): [string, Participation[]] => [id, []]));
    for (const participation of found) byOperation.get(participation.operationId)?.push(participation);
    return operations.map(({ id }) => byOperation.get(id) ?? []);
  }

  private async select(tx: Tx, condition: string, values: readonly unknown[]): Promise<Participation[]> {
    const rows = await query<Participation & { certified_position: string | null }>(
      tx,
      `${SELECT} ${condition}`,
      values,
    );
    return rows.map(({ certified_position: position, ...row }) => ({
      ...row,
      certifiedAsOf: position === null ? null : this.feed.cursorAt(row.operationId, Number(position)),
    }));
  }

  /** One change of a participation, alone in its operation; NOT_FOUND where the operation is not the actor's to know. */
  private async change(
    actor: Actor,
    id: string,
    work: (tx: Tx, participation: Participation, standing: Standing) => Promise<void>,
  ): Promise<Participation> {
    const operationId = await this.database.read(actor, async (tx) => (await this.one(tx, id)).operationId);
    return this.database.write(
      actor,
      async (tx) => {
        await enter(tx, actor, operationId, { frame: true });
        await work(tx, await this.one(tx, id), standingIn(actor, operationId));
        return this.one(tx, id);
      },
      { operationId, alone: true },
    );
  }

  private async one(tx: Tx, id: string): Promise<Participation> {
    const [participation] = await this.withIds(tx, [id]);
    if (!participation) throw notFound();
    return participation;
  }

  private checkInvitations(countries: readonly string[], present: readonly Participation[]): void {
    const faults = new Faults();
    countries.forEach((code, index) => {
      const path = `countries.${index}`;
      if (!this.reference.isCountry(code)) {
        faults.add(path, 'country', this.reference.explainCountry(code));
      } else if (present.some(({ country, status }) => country === code && status === ParticipationStatus.WITHDRAWN)) {
        faults.add(path, 'withdrawn', `${code} has withdrawn from this operation and can't be invited again.`);
      }
    });
    if (countries.length === 0) faults.add('countries', 'required', 'Name at least one country.');
    faults.throwIfAny();
  }

  private async openInvitations(
    tx: Tx,
    operationId: string,
    fresh: readonly { id: string; country: string }[],
    again: readonly Participation[],
  ): Promise<void> {
    const invitedAt = this.clock.now();
    const status = ParticipationStatus.INVITED;
    await insertRows(
      tx,
      'participations',
      fresh.map(({ id, country }) => ({ id, operation_id: operationId, country, status, invited_at: invitedAt })),
    );
    await query(
      tx,
      `UPDATE participations SET status = $2, invited_at = $3, answered_at = NULL WHERE id = ANY($1::uuid[])`,
      [again.map(({ id }) => id), status, invitedAt],
    );
  }

  private async checkAnswer(
    tx: Tx,
    faults: Faults,
    country: string,
    { leadAgencyId, coordinatorUserIds }: AnswerInvitationInput,
    coordinators: readonly string[],
  ): Promise<void> {
    if (leadAgencyId && (await this.directory.agency(tx, leadAgencyId))?.country !== country) {
      faults.add('input.leadAgencyId', 'agency', `Name an agency of ${country}.`);
    }
    const unfit = await this.directory.unfitToCoordinate(tx, country, coordinators);
    coordinatorUserIds?.forEach((id, index) => {
      if (unfit.includes(id))
        faults.add(`input.coordinatorUserIds.${index}`, 'user', `Name a person of an agency of ${country}.`);
    });
  }

  private async tell(
    tx: Tx,
    actor: Actor,
    operationId: string,
    kind: string,
    participations: readonly { id: string; country: string }[],
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    if (participations.length === 0) return;
    const entries = participations.map(({ id, country }) => ({
      operationId,
      action: kind,
      subjectId: id,
      details: { country, ...details },
    }));
    await this.audit.append(tx, actor, ...entries);
    await this.feed.tell(
      tx,
      operationId,
      ...participations.map(({ id, country }) => ({ kind, subjectId: id, country })),
    );
  }
}

function mayAnswer(actor: Actor, { operationId, country }: Participation): boolean {
  return contactOf(actor).includes(country) || standingIn(actor, operationId).coordinates.includes(country);
}

async function figuresMovedSince(tx: Tx, operationId: string, country: string, position: number): Promise<boolean> {
  const [row] = await query<{ moved: boolean }>(tx, `SELECT figures_moved_since($1, $2, $3) AS moved`, [
    operationId,
    country,
    position,
  ]);
  return row?.moved ?? false;
}
