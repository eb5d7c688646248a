const PLAIN = /^-?[0-9]{1,20}(\.[0-9]{1,9})?$/;
const BLANKS = /[\s\u00a0\u202f\u2009']/g;
/** Blanks between digits separate thousands and nothing else. */
const BY_THOUSANDS = /^[-+−]?[0-9]{1,3}([\s\u00a0\u202f\u2009'][0-9]{3})+([.,][0-9]+)?$/;

/** An exact decimal in the form of the contract, or why the text is none. */
export type ReadDecimal = { readonly value: string } | { readonly fault: string };

/**
 * Reads a number as people write it. What separates thousands is taken where it can be nothing else, as in `1,234.50`; a lone `1,234` may be one
 * thing or another a thousand times as large, and is asked about, not guessed.
 * @param decimalComma whether the file writes 22,50 for 22.50
 */
export function readDecimal(text: string, decimalComma: boolean): ReadDecimal {
  const [point, group] = decimalComma ? [',', '.'] : ['.', ','];
  const written = text.trim();
  if (written.search(BLANKS) >= 0 && !BY_THOUSANDS.test(written)) {
    return { fault: `${text} may be two numbers: write one, such as ${decimalComma ? '1234,50' : '1234.50'}.` };
  }
  const digits = written.replace(BLANKS, '').replace(/^\+/, '').replace(/^−/, '-');
  const escaped = `\\${group}`;
  const isGrouped = new RegExp(`^-?[0-9]{1,3}(${escaped}[0-9]{3})+(\\${point}[0-9]+)?$`).test(digits);
  if (isGrouped && digits.split(group).length === 2 && !digits.includes(point)) {
    return { fault: `${text} may be a thousand times as large: write it without the mark between its digits.` };
  }
  const plain = (isGrouped ? digits.replaceAll(group, '') : digits).replace(point, '.');
  if (!isGrouped && digits.includes(group)) {
    return {
      fault: `Write a number such as ${decimalComma ? '1234,50' : '1234.50'}; this file's decimal mark is "${point}".`,
    };
  }
  if (!/^-?[0-9]+(\.[0-9]+)?$/.test(plain)) {
    return { fault: `Write a number such as ${decimalComma ? '1234,50' : '1234.50'}, without its unit.` };
  }
  if (!PLAIN.test(plain)) return { fault: 'Use at most 20 digits before the decimal mark and 9 after it.' };
  return { value: plain };
}
