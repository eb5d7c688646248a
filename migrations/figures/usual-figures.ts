/** A question as the ledger is asked it, with no filter. */
export interface UsualQuestion {
  readonly measure: string;
  /** In the order of the alphabet, as the programs name them. */
  readonly columns: readonly string[];
}

/** The questions that are kept of each operation under way, whether somebody asked them or not: those of an overview. */
export const USUAL: readonly UsualQuestion[] = [
  { measure: 'TOTALS', columns: ['total'] },
  { measure: 'VIOLATIONS', columns: ['country', 'week'] },
  { measure: 'VIOLATIONS', columns: ['crimeArea'] },
  { measure: 'VIOLATIONS', columns: ['day'] },
  { measure: 'VIOLATIONS', columns: ['nature'] },
];
