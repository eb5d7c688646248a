/** From which day to which a version of a row holds; both days belong to it. */
export interface Validity {
  readonly validFrom: string;
  /** Null: it holds until further notice. */
  readonly validTo: string | null;
}

/** A span of days, YYYY-MM-DD; both ends belong to it. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** The rows of one reference table, each code with its versions in time. */
export class Versions<Row extends Validity> {
  private readonly byCode = new Map<string, Row[]>();

  constructor(rows: readonly Row[], codeOf: (row: Row) => string) {
    for (const row of [...rows].sort((a, b) => compare(codeOf(a), codeOf(b)) || compare(a.validFrom, b.validFrom))) {
      const versions = this.byCode.get(codeOf(row));
      if (versions) versions.push(row);
      else this.byCode.set(codeOf(row), [row]);
    }
  }

  /** The version that begins last, whether it still holds or not. */
  newest(code: string): Row | undefined {
    return this.byCode.get(code)?.at(-1);
  }

  /** The version that holds on a day. */
  on(code: string, day: string): Row | undefined {
    return this.during(code, { from: day, to: day });
  }

  /** The version that holds on the last day of the range or, where none does, the last one that held on any day of it. */
  during(code: string, { from, to }: DayRange): Row | undefined {
    return this.byCode
      .get(code)
      ?.findLast((row) => row.validFrom <= to && (row.validTo === null || row.validTo >= from));
  }

  /** Every version that holds on a day, in the order of the codes. */
  allOn(day: string): readonly Row[] {
    return [...this.byCode.keys()].flatMap((code) => this.on(code, day) ?? []);
  }

  /** Every version of every code. */
  all(): readonly Row[] {
    return [...this.byCode.values()].flat();
  }
}

/** Order of code points, the same wherever the process runs. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
