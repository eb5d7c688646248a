/**
 * What a check of one identifier gives: the normalised value to store, or the rule that is broken and how to mend it.
 * `note` marks what is right and still worth a finding. `asMarkedValue` comes with the rule `check-digit` alone: the normalised value with its wrong
 * digit, for an officer who confirms that the unit is really marked so.
 */
export type Checked<Value = string> = Taken<Value> | Refused;

export interface Taken<Value = string> {
  readonly ok: true;
  readonly value: Value;
  readonly note?: IdentifierNote;
}

export interface Refused {
  readonly ok: false;
  readonly rule: IdentifierRule;
  /** One or more English sentences that say how to mend it. */
  readonly message: string;
  readonly asMarkedValue?: string;
}

/** `remainder-10`: a container number whose check digit 0 stands for a remainder of 10. `zero-point`: the position 0, 0, nearly always a missing value. */
export type IdentifierNote = 'remainder-10' | 'zero-point';

export type IdentifierRule =
  'non-ascii' | 'form' | 'check-digit' | 'category' | 'country' | 'withdrawn' | 'unknown' | 'range';

export function taken<Value>(value: Value, note?: IdentifierNote): Taken<Value> {
  return note ? { ok: true, value, note } : { ok: true, value };
}

export function refused(rule: IdentifierRule, message: string): Refused {
  return { ok: false, rule, message };
}

/**
 * A wrong check digit, with the right one in the message.
 * @param stem what the digit was computed from, as the message shows it
 */
export function wrongCheckDigit(
  stem: string,
  right: number | string,
  given: string,
  asMarkedValue: string,
  more = '',
): Refused {
  const message = `The check digit of ${stem} is ${right}, not ${given}.${more && ` ${more}`}`;
  return { ok: false, rule: 'check-digit', message, asMarkedValue };
}
