import { addExactly, plainDecimal } from './exact.js';
import type { OperationSummary } from './operation-summary.js';
import { FEWEST } from './protection.js';

type Totals = Omit<OperationSummary, 'countriesInvited' | 'countriesAccepted' | 'customsLedCountries' | 'asOf'>;

/** A row of totals as PostgreSQL tells it: whole numbers of eight bytes and decimals are text. */
export type LedgerTotals = SeenTotals | HiddenTotals | { readonly part: 'PROTECTED' | 'FRAME' };

/** What the records that the viewer sees give. */
interface SeenTotals {
  readonly part: 'SEEN';
  readonly violations: string;
  readonly criminal: string;
  readonly administrative: string;
  readonly undetermined: string;
  readonly seizures: string;
  readonly valueUsd: string;
  readonly quantityKg: string;
  readonly persons: string;
  readonly companies: string;
  readonly estimated: boolean;
}

/** What hidden records give, protected: over all natures where nature is null, otherwise their number alone. */
interface HiddenTotals {
  readonly part: 'HIDDEN';
  readonly nature: string | null;
  readonly violations: string;
  /** Amounts are null where they are not told. */
  readonly valueUsd: string | null;
  readonly quantityKg: string | null;
  readonly persons: string | null;
  readonly companies: string | null;
}

export function totalsFrom(told: readonly LedgerTotals[]): Totals {
  if (told.some(({ part }) => part === 'FRAME')) return totalsUnknown();
  const seen = told.find(({ part }) => part === 'SEEN');
  if (seen?.part !== 'SEEN') throw new Error('A sum over no rows is a row.');
  if (!told.some(({ part }) => part === 'PROTECTED')) return totalsSeen(seen);
  return totalsHidden(
    seen,
    told.filter((row) => row.part === 'HIDDEN'),
  );
}

/** Exact totals. */
function totalsSeen(seen: SeenTotals): Totals {
  return {
    violations: Number(seen.violations),
    criminal: Number(seen.criminal),
    administrative: Number(seen.administrative),
    undetermined: Number(seen.undetermined),
    seizures: Number(seen.seizures),
    valueUsd: plainDecimal(seen.valueUsd),
    quantityKg: plainDecimal(seen.quantityKg),
    persons: Number(seen.persons),
    companies: Number(seen.companies),
    valueEstimated: seen.estimated,
    protected: false,
  };
}

/** Totals of an operation of which something is hidden. */
function totalsHidden(seen: SeenTotals, hidden: readonly HiddenTotals[]): Totals {
  const all = hidden.find(({ nature }) => nature === null);
  const count = (seenToo: string, nature: string | null): number | null => {
    const records = Number(seenToo) + Number(hidden.find((each) => each.nature === nature)?.violations ?? 0);
    return records < FEWEST ? null : records;
  };
  const violations = count(seen.violations, null);
  const amount = (of: 'valueUsd' | 'quantityKg' | 'persons' | 'companies'): string | null => {
    const more = all ? all[of] : '0';
    return violations === null || more === null ? null : plainDecimal(addExactly(seen[of], more));
  };
  const whole = (text: string | null): number | null => (text === null ? null : Number(text));
  return {
    violations,
    criminal: count(seen.criminal, 'CRIMINAL'),
    administrative: count(seen.administrative, 'ADMINISTRATIVE'),
    undetermined: count(seen.undetermined, 'UNDETERMINED'),
    seizures: Number(seen.seizures) < FEWEST ? null : Number(seen.seizures), // of a hidden record nobody is told who reported it
    valueUsd: amount('valueUsd'),
    quantityKg: amount('quantityKg'),
    persons: whole(amount('persons')),
    companies: whole(amount('companies')),
    valueEstimated: seen.estimated,
    protected: true,
  };
}

/** For those who know of the operation, and of nothing that is in it. */
function totalsUnknown(): Totals {
  return {
    violations: null,
    criminal: null,
    administrative: null,
    undetermined: null,
    seizures: null,
    valueUsd: null,
    quantityKg: null,
    persons: null,
    companies: null,
    valueEstimated: false,
    protected: true,
  };
}
