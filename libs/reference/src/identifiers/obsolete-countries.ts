/** A code that old lists hold or that people use, and what stands in its place. */
export interface ObsoleteCountry {
  /** Why it is no code in force; completes the sentence "AN …". */
  readonly because: string;
  /** Codes in force to use instead, the likeliest first; empty where there is none. */
  readonly successors: readonly string[];
}

const withdrawn = (year: number, name: string, ...successors: readonly string[]): ObsoleteCountry => ({
  because: `(${name}) was withdrawn in ${year}`,
  successors,
});
const never = (because: string, ...successors: readonly string[]): ObsoleteCountry => ({ because, successors });

/** Two-letter codes: withdrawn ones of ISO 3166-3 that no other country took over, and reserved or invented ones often met. */
export const OBSOLETE_ALPHA2: ReadonlyMap<string, ObsoleteCountry> = new Map(
  Object.entries({
    AN: withdrawn(2010, 'Netherlands Antilles', 'CW', 'SX', 'BQ'),
    BU: withdrawn(1989, 'Burma', 'MM'),
    CS: withdrawn(2006, 'Serbia and Montenegro; until 1993 Czechoslovakia', 'RS', 'ME', 'CZ', 'SK'),
    CT: withdrawn(1984, 'Canton and Enderbury Islands', 'KI'),
    DD: withdrawn(1990, 'German Democratic Republic', 'DE'),
    DY: withdrawn(1977, 'Dahomey', 'BJ'),
    FQ: withdrawn(1979, 'French Southern and Antarctic Territories', 'TF', 'AQ'),
    FX: withdrawn(1997, 'Metropolitan France', 'FR'),
    HV: withdrawn(1984, 'Upper Volta', 'BF'),
    JT: withdrawn(1986, 'Johnston Island', 'UM'),
    MI: withdrawn(1986, 'Midway Islands', 'UM'),
    NH: withdrawn(1980, 'New Hebrides', 'VU'),
    NQ: withdrawn(1983, 'Dronning Maud Land', 'AQ'),
    NT: withdrawn(1993, 'Neutral Zone', 'SA', 'IQ'),
    PC: withdrawn(1986, 'Pacific Islands Trust Territory', 'FM', 'MH', 'MP', 'PW'),
    PU: withdrawn(1986, 'United States Miscellaneous Pacific Islands', 'UM'),
    PZ: withdrawn(1980, 'Panama Canal Zone', 'PA'),
    RH: withdrawn(1980, 'Southern Rhodesia', 'ZW'),
    SU: withdrawn(
      1992,
      'Soviet Union',
      'RU',
      'UA',
      'KZ',
      'BY',
      'UZ',
      'GE',
      'AZ',
      'LT',
      'LV',
      'EE',
      'MD',
      'KG',
      'TJ',
      'AM',
      'TM',
    ),
    TP: withdrawn(2002, 'East Timor', 'TL'),
    VD: withdrawn(1977, 'Democratic Republic of Viet-Nam', 'VN'),
    WK: withdrawn(1986, 'Wake Island', 'UM'),
    YD: withdrawn(1990, 'Democratic Yemen', 'YE'),
    YU: withdrawn(2003, 'Yugoslavia', 'RS', 'ME'),
    ZR: withdrawn(1997, 'Zaire', 'CD'),
    UK: never('is reserved and no code of a country', 'GB'),
    EL: never('is used by the European Union for Greece and is no ISO code', 'GR'),
    EU: never('is reserved for the European Union, which is no country here'),
    XK: never('is user-assigned (Kosovo) and not part of ISO 3166-1'),
    XZ: never('is the high seas and no country'),
    ZZ: never('stands for an unknown country and is none'),
  }),
);

/** Three-letter codes: the withdrawn and the wrong ones often met. */
export const OBSOLETE_ALPHA3: ReadonlyMap<string, ObsoleteCountry> = new Map(
  Object.entries({
    ANT: withdrawn(2010, 'Netherlands Antilles', 'CUW', 'SXM', 'BES'),
    BUR: withdrawn(1989, 'Burma', 'MMR'),
    CSK: withdrawn(1993, 'Czechoslovakia', 'CZE', 'SVK'),
    DDR: withdrawn(1990, 'German Democratic Republic', 'DEU'),
    ROM: withdrawn(2002, 'Romania', 'ROU'),
    SCG: withdrawn(2006, 'Serbia and Montenegro', 'SRB', 'MNE'),
    SUN: withdrawn(1992, 'Soviet Union', 'RUS'),
    TMP: withdrawn(2002, 'East Timor', 'TLS'),
    YUG: withdrawn(2003, 'Yugoslavia', 'SRB', 'MNE'),
    ZAR: withdrawn(1997, 'Zaire', 'COD'),
    GER: never('is no ISO code', 'DEU'),
    UNK: never('is user-assigned (Kosovo) and not part of ISO 3166-1'),
    XKX: never('is user-assigned (Kosovo) and not part of ISO 3166-1'),
  }),
);

/** A sentence on why the code is refused and what to use instead. */
export function explainObsolete(code: string, { because, successors }: ObsoleteCountry): string {
  if (successors.length === 0) return `${code} ${because}.`;
  const use =
    successors.length === 1 ? String(successors[0]) : `${successors.slice(0, -1).join(', ')} or ${successors.at(-1)}`;
  return `${code} ${because}: use ${use}.`;
}
