import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Feed } from '#feed';
import { enter, isInside, standingIn, type User } from '#identity';
import {
  acrossOperations,
  type Actor,
  Clock,
  Database,
  Faults,
  forbidden,
  insertRows,
  query,
  requiredText,
} from '#platform';
import { v7 } from 'uuid';

import type { Findings } from './findings.entity.js';
import { Operations, wrongPhase } from './operations.service.js';
import { OperationPhase } from './vocabulary.js';

interface FindingsRow {
  readonly [column: string]: unknown;
  readonly operation: string;
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly as_of_position: string;
  readonly author: User;
  readonly published_at: Date;
}

/** What the analysts of the hub found. */
@Injectable()
export class FindingsService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly operations: Operations,
    private readonly feed: Feed,
    private readonly audit: Audit,
  ) {}

  publish(actor: Actor, operationId: string, title: string, text: string, asOf: string): Promise<Findings> {
    return this.database.write(
      actor,
      async (tx) => {
        const standing = await enter(tx, actor, operationId, { frame: true });
        if (!standing.hub) throw forbidden('Only the hub and its analysts publish findings.');
        const { phase } = await this.operations.byId(tx, operationId);
        if (phase !== OperationPhase.POST_OPERATIONAL)
          throw wrongPhase(phase, 'Findings are published in the post-operational phase.');
        const faults = new Faults();
        const heading = requiredText(faults, 'title', title, 300);
        const body = requiredText(faults, 'text', text, 50_000);
        const position = this.feed.judgePosition(faults, operationId, asOf, 'asOf');
        faults.throwIfAny();
        const row = {
          id: v7(),
          operation_id: operationId,
          title: heading,
          text: body,
          as_of_position: position,
          author_id: actor.userId,
          published_at: this.clock.now(),
        };
        await insertRows(tx, 'findings', [row]);
        await this.audit.append(tx, actor, { operationId, action: 'operation.findings-published', subjectId: row.id });
        await this.feed.tell(tx, operationId, {
          kind: 'operation.findings-published',
          subjectId: operationId,
          country: null,
        });
        const author = await query<User>(tx, `SELECT id, name FROM users WHERE id = $1`, [actor.userId]);
        return {
          id: row.id,
          title: heading,
          text: body,
          asOf,
          author: author[0] as User,
          publishedAt: row.published_at,
        };
      },
      { operationId, alone: true },
    );
  }

  /** The findings of each operation, newest first, for those who take part in it; in the order of the operations. */
  ofOperations(actor: Actor, operationIds: readonly string[]): Promise<Findings[][]> {
    const inside = [...new Set(operationIds)].filter((id) => isInside(standingIn(actor, id)));
    if (inside.length === 0) return Promise.resolve(operationIds.map(() => []));
    return this.database.readAnywhere(actor, async (tx) => {
      const rows = await acrossOperations<FindingsRow>(
        tx,
        `SELECT f.operation, f.id, f.title, f.text, f.as_of_position, f.published_at, jsonb_build_object('id', u.id, 'name', u.name) AS author
         FROM findings_seen($1) f JOIN users u ON u.id = f.author_id ORDER BY f.published_at DESC, f.id DESC`,
        [inside],
      );
      return operationIds.map((id) =>
        rows.filter(({ operation }) => operation === id).map((row) => this.findingsFrom(row)),
      );
    });
  }

  private findingsFrom({
    operation,
    as_of_position: position,
    published_at: publishedAt,
    ...row
  }: FindingsRow): Findings {
    return { ...row, publishedAt, asOf: this.feed.cursorAt(operation, Number(position)) };
  }
}
