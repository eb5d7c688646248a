import { alpha2Of, type DayRange, Language, type ReferenceService } from '#reference';

/** Codes by what people write in their place: letters of other lists, and names in the languages of the reference lists. */
export class Names {
  private readonly countries = new Map<string, string>();
  private readonly commodities = new Map<string, string | null>();

  constructor(
    private readonly reference: ReferenceService,
    private readonly since: DayRange,
  ) {
    for (const { code, names } of reference.countriesOn(since.to)) {
      for (const language of Object.values(Language)) this.countries.set(normal(names[language]), code);
    }
    for (const { code, name } of reference.findCommodities(since.to)) {
      // Of a name that two have, only the code says which is meant.
      this.commodities.set(normal(name), this.commodities.has(normal(name)) ? null : code);
    }
  }

  /** The two letters of a country; as written, in capitals, where it is no country that is known. */
  country(text: string): string | undefined {
    const code = text.trim().toUpperCase();
    if (['XZ', 'ZZ'].includes(code) || this.reference.isCountry(code, this.since)) return code;
    const named = this.countries.get(normal(text));
    if (named !== undefined) return named;
    const twoLetters = /^[A-Z]{3}$/.test(code) ? alpha2Of(code) : undefined;
    // What once was a country is for the rules to explain.
    return twoLetters ?? (/^[A-Z]{2}$/.test(code) ? code : undefined);
  }

  explainCountry(text: string): string {
    return this.reference.explainCountry(text);
  }

  commodity(text: string): string {
    const code = text.trim();
    if (this.reference.commodity(code, this.since)) return code;
    const lower = code.toLowerCase().replace(/[\s_]+/g, '-');
    if (this.reference.commodity(lower, this.since)) return lower;
    return this.commodities.get(normal(code)) ?? code;
  }

  /** The UN/LOCODE that a text is, if it is on the list. */
  place(text: string): string | undefined {
    const code = text
      .trim()
      .toUpperCase()
      .replace(/^([A-Z]{2}) /, '$1');
    return /^[A-Z]{2}[A-Z2-9]{3}$/.test(code) && this.reference.place(code) ? code : undefined;
  }
}

function normal(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
