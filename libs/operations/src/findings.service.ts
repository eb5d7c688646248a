import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Feed } from '#feed';
import { enter, isInside, lookInto, standingIn, type User } from '#identity';
import { type Actor, Clock, Database, Faults, forbidden, insertRows, query, requiredText } from '#platform';
import { v7 } from 'uuid';

import type { Findings } from './findings.entity.js';
import { Operations, wrongPhase } from './operations.service.js';
import { OperationPhase } from './vocabulary.js';

interface FindingsRow {
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

  /** The findings of an operation, newest first, for those who take part in it. */
  of(actor: Actor, operationId: string): Promise<Findings[]> {
    if (!isInside(standingIn(actor, operationId))) return Promise.resolve([]);
    return this.database.read(actor, async (tx) => {
      await lookInto(tx, actor, operationId);
      const rows = await query<FindingsRow>(
        tx,
        `SELECT f.id, f.title, f.text, f.as_of_position, f.published_at, jsonb_build_object('id', u.id, 'name', u.name) AS author
         FROM findings f JOIN users u ON u.id = f.author_id WHERE f.operation_id = $1 ORDER BY f.published_at DESC, f.id DESC`,
        [operationId],
      );
      return rows.map(({ as_of_position: position, published_at: publishedAt, ...row }) => ({
        ...row,
        publishedAt,
        asOf: this.feed.cursorAt(operationId, Number(position)),
      }));
    });
  }
}
