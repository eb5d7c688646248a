import { Injectable } from '@nestjs/common';
import { Accounts } from '#identity';
import { type Operation, OperationPhase, Operations } from '#operations';
import { type Actor, Clock, Database, MusterError, prepared } from '#platform';

import { demoPeople, seaEnds } from '../demo/index.js';
import { DEMO_LOADER } from './demo-notes.js';

const REASON = 'The demo was started on a later day.';

/** Keeps 30 Days at Sea (demo) in its operational phase, however long after its beginning Muster is started. */
@Injectable()
export class SeaAdvance {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly accounts: Accounts,
    private readonly operations: Operations,
  ) {}

  /**
   * Moves the end and the reporting deadline on, as a change by the hub officer; does nothing when they lie far enough ahead.
   * @returns what was changed, or why nothing could be; undefined when nothing was to do
   */
  async advance(seaId: string): Promise<string | undefined> {
    try {
      const hub = await this.hubOfficer();
      const before = await this.operations.find(hub, seaId);
      const after = await this.extend(hub, await this.reopen(hub, before));
      return after.version === before.version ? undefined : `${after.codeName} ends on ${after.operationalEndsOn} now.`;
    } catch (error) {
      // Who tries things may take the hub officer's role away or change the operation at the same time: no reason not to start.
      if (error instanceof MusterError) return `30 Days at Sea (demo) stays as it is: ${error.message}`;
      throw error;
    }
  }

  private async extend(hub: Actor, operation: Operation): Promise<Operation> {
    const { id, version, operationalEndsOn, reportingDeadline } = operation;
    const wanted = seaEnds(this.clock.now());
    const ends = {
      operationalEndsOn: laterOf(operationalEndsOn, wanted.operationalEndsOn),
      reportingDeadline: laterOf(reportingDeadline, wanted.reportingDeadline),
    };
    if (ends.operationalEndsOn === operationalEndsOn && ends.reportingDeadline === reportingDeadline) return operation;
    return this.operations.update(hub, id, version, REASON, ends);
  }

  private async reopen(hub: Actor, operation: Operation): Promise<Operation> {
    if (operation.phase === OperationPhase.OPERATIONAL) return operation;
    return this.operations.move(hub, operation.id, OperationPhase.OPERATIONAL, operation.version, REASON);
  }

  private async hubOfficer(): Promise<Actor> {
    const email = demoPeople.find(({ key }) => key === 'hub-officer')?.email;
    const [user] = await this.database.read(DEMO_LOADER, (tx) =>
      prepared<{ id: string }>(tx, 'SELECT id FROM users WHERE email = $1', [email]),
    );
    return this.accounts.actorFor(user?.id ?? '');
  }
}

const laterOf = (present: string | null, wanted: string): string =>
  present !== null && present > wanted ? present : wanted;
