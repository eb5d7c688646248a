/** One command of the console. */
export interface Command {
  /** Its name and its arguments, those in brackets optional: `recount [OPERATION_ID [CURSOR]]`. */
  readonly usage: string;
  /** What it does, in one line. */
  readonly does: string;
  /** Gives the exit code where it is not 0. */
  run(args: readonly string[]): Promise<number | void>;
}

/** The arguments are not those of the command. */
export class WrongUse extends Error {}

/** @throws WrongUse unless there are at least `least` and at most `most` arguments, none of them empty */
export function expectArguments(args: readonly string[], least: number, most: number): void {
  if (args.length < least || args.length > most || args.includes('')) throw new WrongUse();
}
