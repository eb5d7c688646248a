import { alpha2Of } from './identifiers/country-code.js';
import { OBSOLETE_ALPHA2, OBSOLETE_ALPHA3, explainObsolete } from './identifiers/obsolete-countries.js';
import type { Country } from './country.js';
import { nearestCodes } from './nearest.js';
import { Versions } from './versions.js';
import type { DayRange } from './versions.js';
import { Language } from './vocabulary.js';
import type { RegionScheme } from './vocabulary.js';

/** What there is to know of countries: pure look-ups over the rows of the table. */
export class Countries {
  private readonly versions: Versions<Country>;

  constructor(rows: readonly Country[]) {
    this.versions = new Versions(rows, ({ code }) => code);
  }

  /** The country as it stands on a day; without a day, its newest version. */
  country(code: string, day?: string): Country | undefined {
    return day === undefined ? this.versions.newest(code) : this.versions.on(code, day);
  }

  /** Whether the code is a country on any day of the range; without a range, in any version of the list. `XZ` and `ZZ` are none. */
  isCountry(code: string, range?: DayRange): boolean {
    return (range ? this.versions.during(code, range) : this.versions.newest(code)) !== undefined;
  }

  /** Codes likely meant by one that is no country, at most three: the successors of an obsolete code first. */
  nearest(wrong: string): readonly string[] {
    const code = wrong.trim().toUpperCase();
    const twoLetters = alpha2Of(code);
    if (twoLetters !== undefined && this.isCountry(twoLetters)) return [twoLetters];
    const successors = (OBSOLETE_ALPHA2.get(code) ?? OBSOLETE_ALPHA3.get(code))?.successors ?? [];
    const meant = successors
      .map((successor) => alpha2Of(successor) ?? successor)
      .filter((successor) => this.isCountry(successor));
    if (meant.length > 0) return meant.slice(0, 3);
    const candidates = this.versions.all().map((country) => ({ code: country.code, name: country.names[Language.EN] }));
    return nearestCodes(wrong, candidates);
  }

  /** One or more sentences on why a code is no country, with the nearest matches. */
  explain(wrong: string): string {
    const code = wrong.trim().toUpperCase();
    const obsolete = OBSOLETE_ALPHA2.get(code);
    if (obsolete) return explainObsolete(code, obsolete);
    const nearest = this.nearest(wrong).map((match) => `${match} (${this.country(match)?.names[Language.EN]})`);
    return `${wrong} is no country of ISO 3166-1. Nearest: ${nearest.join(', ')}.`;
  }

  /** The English name of the region in a scheme: "NONE" where it has none, as for `XZ`; "UNKNOWN" for `ZZ` and for what is no country. */
  region(code: string, scheme: RegionScheme): string {
    const country = this.country(code);
    if (country) return country.regions[scheme];
    return code === 'XZ' ? 'NONE' : 'UNKNOWN';
  }

  allOn(day: string): readonly Country[] {
    return this.versions.allOn(day);
  }
}
