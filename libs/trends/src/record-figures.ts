/** What one line of a record adds to the figures. */
export interface LineFigures {
  readonly agreement: string;
  readonly commodity: string;
  /** Exact kilograms; null where nothing can be converted. */
  readonly quantityKg: string | null;
  /** Exact US dollars; null where nothing can be converted. */
  readonly valueUsd: string | null;
  readonly valueEstimated: boolean;
}

/** All that a counted record gives to trends and summaries, as one version of it stands. */
export interface RecordFigures {
  readonly recordId: string;
  readonly country: string;
  readonly agencyId: string;
  readonly unitId: string | null;
  readonly source: string;
  readonly detectedAt: Date;
  /** The day it counts on, in the operation's own time zone. */
  readonly day: string;
  readonly late: boolean;
  readonly crimeArea: string;
  readonly nature: string;
  readonly scene: string;
  /** Null, like direction, origin and destination, where nothing moved. */
  readonly transportMode: string | null;
  readonly direction: string | null;
  readonly origin: string | null;
  readonly destination: string | null;
  readonly flagState: string | null;
  readonly detection: string;
  readonly concernedCountries: readonly string[];
  readonly riskIndicators: readonly string[];
  readonly persons: number;
  readonly companies: number;
  readonly lines: readonly LineFigures[];
}

/** One record's change: before is null when it begins to count, after when it ceases to. */
export interface FiguresChange {
  /** The feed position of the change. */
  readonly position: number;
  readonly before: RecordFigures | null;
  readonly after: RecordFigures | null;
}
