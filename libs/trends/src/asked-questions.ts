import { createHash } from 'node:crypto';

import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Clock, Database, partOfMuster, prepared } from '#platform';

import type { LedgerQuestion } from './ledger-question.js';
import type { Regions } from './regions.js';
import type { Viewpoint } from './viewpoints.js';

/** A question that was put to the ledger of one operation, and up to where it was answered. */
export interface AskedQuestion
  extends Omit<LedgerQuestion, 'fixed' | 'columns'>, Pick<Viewpoint, 'operationId' | 'position'> {
  readonly columns: readonly string[];
  readonly regions: Regions;
}

/** What is asked goes out together, so often at most, in milliseconds. */
const TOGETHER = 500;
/** That it was asked again is news after so many milliseconds. */
const NEWS_AFTER = 60_000;
/** Questions that are remembered as told; with more, all are told again. */
const MOST_REMEMBERED = 5_000;
/** A ledger of fewer events is read whole as quickly as what is kept of it. */
const FEWEST_EVENTS = 300;

const KEEPER = partOfMuster('kept figures');

/**
 * Notes which questions are asked, so that their figures are kept. Apart from the answers: nothing waits for it, and where it fails, an
 * answer takes longer and is the same.
 */
@Injectable()
export class AskedQuestions implements OnModuleDestroy {
  private readonly logger = new Logger(AskedQuestions.name);
  private readonly told = new Map<string, number>();
  private waiting: AskedQuestion[] = [];
  private timer: NodeJS.Timeout | undefined;
  private telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Of each question once a minute; it never throws. */
  note(questions: readonly AskedQuestion[]): void {
    const news = questions.filter((question) => question.position >= FEWEST_EVENTS && this.isNews(question));
    if (news.length === 0) return;
    this.waiting.push(...news);
    this.timer ??= setTimeout(() => void this.flush(), TOGETHER);
  }

  /** Tells the database all that waits. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const questions = this.waiting;
    this.waiting = [];
    this.telling = this.telling.then(() => this.tell(questions));
    await this.telling;
  }

  /** What was not told by then will be asked again. */
  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.timer);
    this.waiting = [];
    await this.telling;
  }

  private isNews({ position: _position, ...question }: AskedQuestion): boolean {
    const { operationId, measure, columns, filter, regions } = question;
    const content = JSON.stringify([operationId, measure, columns, filter, regions]);
    const name = createHash('sha256').update(content).digest('base64');
    const now = this.clock.now().getTime();
    if (now - (this.told.get(name) ?? -Infinity) < NEWS_AFTER) return false;
    if (this.told.size >= MOST_REMEMBERED) this.told.clear();
    this.told.set(name, now);
    return true;
  }

  private async tell(questions: readonly AskedQuestion[]): Promise<void> {
    if (questions.length === 0) return;
    const asked = questions.map(({ operationId, measure, columns, filter, regions }) => ({
      operation: operationId,
      measure,
      columns,
      filter,
      regions,
    }));
    try {
      await this.database.write(KEEPER, (tx) =>
        prepared(tx, `SELECT note_figure_questions($1)`, [JSON.stringify(asked)]),
      );
    } catch (error) {
      this.logger.warn(
        `What was asked of figures could not be noted, and will be when it is asked again: ${String(error)}`,
      );
    }
  }
}
