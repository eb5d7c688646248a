import { Injectable } from '@nestjs/common';
import { Database, partOfMuster, prepared } from '#platform';

const KEEPER = partOfMuster('kept figures');

interface DueQuestion {
  readonly operationId: string;
  readonly question: Buffer;
}

/** Keeps the figures of questions that are asked, by functions that work them out from the ledger: no program hands in a cell. */
@Injectable()
export class KeptFigures {
  constructor(private readonly database: Database) {}

  /** Drops what nobody asks any more, and names the usual questions of operations under way. */
  async tend(): Promise<void> {
    await this.database.write(KEEPER, (tx) => prepared(tx, `SELECT tend_figure_questions()`, []));
  }

  /**
   * Brings forward each question whose ledger has moved on, in a transaction of its own. Any number of processes may do so at a time: one
   * leaves alone what another is at. One that fails holds up no other.
   * @param isStopping asked between two questions
   * @returns how many were brought forward
   * @throws AggregateError of what failed, when all others are done
   */
  async bringForward(isStopping: () => boolean = () => false): Promise<number> {
    const due = await this.database.write(KEEPER, (tx) =>
      prepared<DueQuestion>(tx, `SELECT operation_id AS "operationId", question FROM figure_questions_due()`, []),
    );
    let brought = 0;
    const failures: unknown[] = [];
    for (const { operationId, question } of due) {
      if (isStopping()) break;
      try {
        if (await this.bringOne(operationId, question)) brought += 1;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
    return brought;
  }

  private async bringOne(operationId: string, question: Buffer): Promise<boolean> {
    const [row] = await this.database.write(KEEPER, (tx) =>
      prepared<{ moved: boolean }>(tx, `SELECT bring_figures_forward($1, $2) AS moved`, [operationId, question]),
    );
    return row?.moved ?? false;
  }
}
