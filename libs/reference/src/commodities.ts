import type { Commodity } from './commodity.js';
import { nearestCodes } from './nearest.js';
import { Versions } from './versions.js';
import type { DayRange } from './versions.js';
import type { Agreement } from './vocabulary.js';

/** What there is to know of commodities: pure look-ups over the rows of the table. */
export class Commodities {
  private readonly versions: Versions<Commodity>;
  private readonly knownHs: ReadonlySet<string>;

  constructor(rows: readonly Commodity[]) {
    this.versions = new Versions(rows, ({ code }) => code);
    this.knownHs = new Set(
      rows.flatMap(({ hsCodes }) => hsCodes.flatMap((code) => [code.slice(0, 2), code.slice(0, 4), code])),
    );
  }

  /** The commodity as it stands on the range's last day or, where it no longer holds, as it last stood within the range. */
  commodity(code: string, range: DayRange): Commodity | undefined {
    return this.versions.during(code, range);
  }

  /** The newest version of a commodity, whether it still holds or not. */
  newest(code: string): Commodity | undefined {
    return this.versions.newest(code);
  }

  /** Codes likely meant by one that the list lacks, at most three. */
  nearest(wrong: string): readonly string[] {
    const newest = new Map(this.versions.all().map((commodity) => [commodity.code, commodity]));
    return nearestCodes(wrong.trim().replace(/[\s_]+/g, '-'), [...newest.values()]);
  }

  /** A sentence on why a code is no commodity, with the nearest matches. */
  explain(wrong: string): string {
    return `"${wrong}" is no commodity of the reference list. Nearest: ${this.nearest(wrong).join(', ')}.`;
  }

  /** Whether any commodity is declared under this subheading (or a subheading of this heading or chapter): no ruling on whether the code exists. */
  isKnownHs(hs: string): boolean {
    return this.knownHs.has(hs);
  }

  /**
   * The commodities that hold on a day, in the order of their codes.
   * @param search part of code or English name in any case, or the beginning of an HS code, with or without its dot
   */
  find(day: string, search?: string | null, agreement?: Agreement | null): readonly Commodity[] {
    const asked = search?.trim().toLowerCase() ?? '';
    const digits = /^[0-9][0-9. ]*$/.test(asked) ? asked.replace(/[. ]/g, '') : undefined;
    return this.versions
      .allOn(day)
      .filter(
        (commodity) =>
          (!agreement || commodity.agreement === agreement) &&
          (commodity.code.includes(asked) ||
            commodity.name.toLowerCase().includes(asked) ||
            (digits !== undefined && commodity.hsCodes.some((code) => code.startsWith(digits)))),
      );
  }
}
