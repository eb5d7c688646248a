import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { enter } from '#identity';
import { type Actor, Clock, Database, Faults, query, type Tx } from '#platform';
import { ReferenceService, type RiskIndicator } from '#reference';

import { enterAsHub, Operations, wrongPhase } from './operations.service.js';
import { OperationPhase } from './vocabulary.js';

/** The risk indicators that an operation works with, chosen by the hub from the common vocabulary. */
@Injectable()
export class RiskIndicators {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly operations: Operations,
    private readonly reference: ReferenceService,
    private readonly audit: Audit,
  ) {}

  set(actor: Actor, operationId: string, codes: readonly string[]): Promise<readonly RiskIndicator[]> {
    return this.database.write(
      actor,
      async (tx) => {
        await enterAsHub(tx, actor, operationId);
        const { phase } = await this.operations.byId(tx, operationId);
        if (phase !== OperationPhase.PREPARATION && phase !== OperationPhase.OPERATIONAL) {
          throw wrongPhase(phase, 'Risk indicators are chosen until the operational phase ends.');
        }
        const faults = new Faults();
        codes.forEach((code, index) => {
          if (!this.reference.riskIndicator(code))
            faults.add(`codes.${index}`, 'risk-indicator', 'Give a code of the common vocabulary.');
        });
        faults.throwIfAny();
        await this.replace(tx, operationId, [...new Set(codes)]);
        await this.audit.append(tx, actor, {
          operationId,
          action: 'operation.risk-indicators-set',
          subjectId: operationId,
          details: { codes },
        });
        return this.present(tx, operationId);
      },
      { operationId, alone: true },
    );
  }

  list(actor: Actor, operationId: string): Promise<readonly RiskIndicator[]> {
    return this.database.readAnywhere(actor, async (tx) => {
      await enter(tx, actor, operationId, { frame: true, alsoArchived: true });
      return this.present(tx, operationId);
    });
  }

  // A code that was taken out is kept: reports that were written while it held, on a phone without a line, must still be taken.
  private async replace(tx: Tx, operationId: string, codes: readonly string[]): Promise<void> {
    await query(
      tx,
      `UPDATE operation_risk_indicators SET removed_at = $3 WHERE operation_id = $1 AND code <> ALL($2::text[]) AND removed_at IS NULL`,
      [operationId, codes, this.clock.now()],
    );
    await query(
      tx,
      `INSERT INTO operation_risk_indicators (operation_id, code, ordinal)
       SELECT $1, code, ordinal FROM unnest($2::text[]) WITH ORDINALITY AS given (code, ordinal)
       ON CONFLICT (operation_id, code) DO UPDATE SET ordinal = EXCLUDED.ordinal, removed_at = NULL`,
      [operationId, codes],
    );
  }

  private async present(tx: Tx, operationId: string): Promise<readonly RiskIndicator[]> {
    const rows = await query<{ code: string }>(
      tx,
      `SELECT code FROM operation_risk_indicators WHERE operation_id = $1 AND removed_at IS NULL ORDER BY ordinal`,
      [operationId],
    );
    return this.reference.riskIndicators(rows.map(({ code }) => code));
  }
}
