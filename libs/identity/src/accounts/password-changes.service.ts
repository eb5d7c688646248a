import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { type Actor, Database, Faults, prepared } from '#platform';

import { Proofs } from '../second-factor/proofs.service.js';
import { SecondFactors } from '../second-factor/second-factors.service.js';
import { checkNewPassword } from './password-rules.js';
import { hashPassword } from './passwords.js';
import { Sessions } from './sessions.service.js';

/** Changing one's own password. */
@Injectable()
export class PasswordChanges {
  constructor(
    private readonly database: Database,
    private readonly proofs: Proofs,
    private readonly factors: SecondFactors,
    private readonly sessions: Sessions,
    private readonly audit: Audit,
  ) {}

  /**
   * @param address the network address that it comes from
   * @throws MusterError BAD_USER_INPUT when the current one is wrong, which counts as a failed sign-in, or the new one is not fit
   */
  async change(actor: Actor, current: string, wanted: string, address: string): Promise<void> {
    await this.proofs.password(actor, 'currentPassword', current, address);
    await this.database.read(actor, async (tx) => {
      const [person] = await prepared<{ email: string; name: string }>(
        tx,
        'SELECT email, name FROM users WHERE id = $1',
        [actor.userId],
      );
      const { totp, passkeys } = await this.factors.of(tx, actor.userId);
      // A passkey that no role asks for stands beside the password, which signs in alone.
      const signsInAlone = !totp && (passkeys === 0 || !(await this.factors.isNeeded(tx, actor.userId)));
      const faults = new Faults();
      checkNewPassword(wanted, 'newPassword', faults, {
        email: person?.email ?? '',
        name: person?.name ?? '',
        hasSecondFactor: !signsInAlone,
      });
      faults.throwIfAny();
    });
    const passwordHash = await hashPassword(wanted);
    await this.database.write(actor, async (tx) => {
      await prepared(tx, 'UPDATE users SET password_hash = $2 WHERE id = $1', [actor.userId, passwordHash]);
      await this.audit.append(tx, actor, {
        operationId: null,
        action: 'user.password-changed',
        subjectId: actor.userId,
      });
      await this.sessions.endAllOf(tx, actor, actor.userId, 'password-changed');
    });
  }
}
