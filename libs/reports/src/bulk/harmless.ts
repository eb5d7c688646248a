const NUMBER = /^[-+]?[0-9]+([.,][0-9]+)?$/;
const FORMULA = /^[=+\-@\t\r]/;

/** A cell that no spreadsheet runs as a formula when the file is opened: text that would begin one gets an apostrophe before it. */
export function harmless(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

/** The cell as it was before {@link harmless}. */
export function asWritten(text: string): string {
  return /^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text;
}
