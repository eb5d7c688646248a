import { Injectable, Logger } from '@nestjs/common';
import { Clock, Database, type MusterError, partOfMuster, query } from '#platform';

import { comeBack } from './come-back.js';
import { Thinning } from './thinning.js';

/** How often the age of what is owed is looked at while reports arrive, in milliseconds: no report asks by itself. */
const LOOK_AGAIN = 2_000;
/** What was seen longer ago than this, in milliseconds, says nothing any more. */
const TOO_OLD = 10_000;

const INTAKE = partOfMuster('intake');

interface Owed {
  readonly operation_id: string;
  readonly country: string;
  /** Since when the oldest report waits that was not tried yet. */
  readonly oldest: Date;
}

/**
 * How far the worker is behind, and what that means at the door: where a country's reports wait too long for their settlement, a growing
 * share of its new ones is refused for now, so that the age of what is owed is bounded. Each country by itself: as they take turns in being
 * settled, the reports of others are young. What decides is the age alone, never a count.
 */
@Injectable()
export class Backlog {
  private readonly logger = new Logger(Backlog.name);
  private ages: ReadonlyMap<string, number> = new Map();
  private readonly thinning = new Thinning();
  private lookedAt = -Infinity;
  private isLooking = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** UNAVAILABLE where a report of the country is not to be taken now; undefined where it is. */
  refusalOf(operationId: string, country: string): MusterError | undefined {
    this.lookSometimes();
    if (performance.now() - this.lookedAt > TOO_OLD) return undefined;
    const lane = laneOf(operationId, country);
    const age = this.ages.get(lane);
    return age !== undefined && this.thinning.refuses(lane, age) ? comeBack(age) : undefined;
  }

  private lookSometimes(): void {
    if (this.isLooking || performance.now() - this.lookedAt < LOOK_AGAIN) return;
    this.isLooking = true;
    void this.look().finally(() => {
      this.lookedAt = performance.now();
      this.isLooking = false;
    });
  }

  private async look(): Promise<void> {
    try {
      const owed = await this.database.read(INTAKE, (tx) => query<Owed>(tx, `SELECT * FROM owed_since()`));
      // By the clock that dated them: that of the database may be another machine's.
      const now = this.clock.now().getTime();
      this.ages = new Map(
        owed.map(({ operation_id: id, country, oldest }) => [laneOf(id, country), (now - oldest.getTime()) / 1000]),
      );
      this.thinning.keepOnly(this.ages);
    } catch (error) {
      this.ages = new Map();
      this.logger.warn(`The age of what is owed could not be read: ${String(error)}`);
    }
  }
}

const laneOf = (operationId: string, country: string): string => `${operationId}/${country}`;
