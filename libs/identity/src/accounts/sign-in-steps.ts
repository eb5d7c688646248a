import { Injectable } from '@nestjs/common';
import { Clock, prepared, type Tx } from '#platform';

import { SecretBox } from './secret-box.js';
import { tokenHash } from './tokens.js';

/** What a step belongs to; a step of one kind is never taken for one of another. */
export type StepKind = 'passkey-enrolment' | 'passkey-sign-in' | 'provider-sign-in' | 'provider-code';

/** What is kept between the steps of a sign-in or an enrolment: found by what the other side holds, and taken once. */
@Injectable()
export class SignInSteps {
  constructor(
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
  ) {}

  /**
   * @param holder what the other side brings back, kept as a hash alone
   * @param minutes how long it may take
   */
  async keep(tx: Tx, kind: StepKind, holder: string, content: unknown, minutes: number): Promise<void> {
    const now = this.clock.now();
    // Whoever begins clears away what others left unfinished.
    await prepared(tx, 'DELETE FROM sign_in_steps WHERE expires_at <= $1', [now]);
    const sealed = await this.secrets.seal(`step:${kind}`, JSON.stringify(content));
    await prepared(tx, 'INSERT INTO sign_in_steps (hash, kind, content, expires_at) VALUES ($1, $2, $3, $4)', [
      tokenHash(holder),
      kind,
      sealed,
      new Date(now.getTime() + minutes * 60_000),
    ]);
  }

  /** What was kept, once; undefined where it is unknown, of another kind, too old or was taken before. */
  take(tx: Tx, kind: StepKind, holder: string): Promise<unknown> {
    return this.read(
      tx,
      kind,
      holder,
      'DELETE FROM sign_in_steps WHERE hash = $1 AND kind = $2 AND expires_at > $3 RETURNING content',
    );
  }

  /** What was kept, without taking it. */
  look(tx: Tx, kind: StepKind, holder: string): Promise<unknown> {
    return this.read(
      tx,
      kind,
      holder,
      'SELECT content FROM sign_in_steps WHERE hash = $1 AND kind = $2 AND expires_at > $3',
    );
  }

  private async read(tx: Tx, kind: StepKind, holder: string, statement: string): Promise<unknown> {
    const [row] = await prepared<{ content: Buffer }>(tx, statement, [tokenHash(holder), kind, this.clock.now()]);
    return row && JSON.parse(await this.secrets.open(`step:${kind}`, row.content));
  }
}
