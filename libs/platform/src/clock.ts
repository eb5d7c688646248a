import { Injectable } from '@nestjs/common';

/** The instant that counts for what is recorded. One place, so that demo operations can be recorded in their own time. */
@Injectable()
export class Clock {
  private fixed: Date | undefined;

  now(): Date {
    return this.fixed ? new Date(this.fixed) : new Date();
  }

  /** Sets the clock to an instant for as long as `work` runs; for loaders of demo operations only. */
  async at<T>(instant: Date, work: () => Promise<T>): Promise<T> {
    const before = this.fixed;
    this.fixed = instant;
    try {
      return await work();
    } finally {
      this.fixed = before;
    }
  }
}
