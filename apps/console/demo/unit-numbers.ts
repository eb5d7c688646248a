import { checkAirWaybill, checkContainerNumber, checkImoNumber, checkRailWagon, type Checked } from '#reference';

import type { Dice } from './dice.js';

/**
 * Numbers of cargo units and ships with right check digits, none twice. Owner codes, serials and ships' numbers are invented: no ship
 * number begins with 3, so that no real one is named in an offence.
 */
export class UnitNumbers {
  private readonly used = new Set<string>();

  constructor(
    private readonly dice: Dice,
    private serial: number,
  ) {}

  container(): string {
    for (;;) {
      const found = withCheckDigit(this.containerStem(), checkContainerNumber);
      // Owners leave out serials whose remainder is 10, as it is written like 0.
      if (!found.remainderTen) return found.number;
    }
  }

  /** A container whose remainder is 10, written 0: right, but seldom. */
  containerOfRemainderTen(): string {
    for (;;) {
      const found = withCheckDigit(this.containerStem(), checkContainerNumber);
      if (found.remainderTen) return found.number;
    }
  }

  railWagon(): string {
    return withCheckDigit(this.fresh(`3180${this.dice.pick(['5300', '5957', '6654'])}`, 3), checkRailWagon).number;
  }

  airWaybill(): string {
    return withCheckDigit(this.fresh('9981', 6), checkAirWaybill).number;
  }

  vehicle(): string {
    return this.fresh('DEMO', 4);
  }

  billOfLading(): string {
    return this.fresh('DEMO', 8);
  }

  imo(): string {
    return withCheckDigit(this.fresh('3', 5), checkImoNumber).number;
  }

  private containerStem(): string {
    return this.fresh(this.dice.pick(['QDAU', 'QDBU', 'QDCU', 'QDEU']), 6);
  }

  /** A number that was not given before. */
  private fresh(prefix: string, digits: number): string {
    for (;;) {
      this.serial += 37;
      const number = prefix + String(this.serial % 10 ** digits).padStart(digits, '0');
      if (!this.used.has(number)) {
        this.used.add(number);
        return number;
      }
    }
  }
}

/** The number with the one check digit that passes. */
function withCheckDigit(stem: string, check: (text: string) => Checked): { number: string; remainderTen: boolean } {
  for (let digit = 0; digit <= 9; digit += 1) {
    const checked = check(`${stem}${digit}`);
    if (checked.ok) return { number: checked.value, remainderTen: checked.note === 'remainder-10' };
  }
  throw new Error(`No check digit fits ${stem}.`);
}
