import { compact, refuseNonAscii, shown } from './ascii.js';
import { refused, taken } from './checked.js';
import type { Checked } from './checked.js';

/**
 * Checks a vehicle's plate: no world-wide form, so printable ASCII with at least one letter or digit, 1 to 20 characters. Spaces and hyphens are dropped and
 * letters turned to upper case, so that `KBX 123A` and `kbx-123a` are one vehicle when reports are compared.
 */
export function checkVehiclePlate(text: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign)
    return { ...foreign, message: `${foreign.message} Give the plate in the Latin letters of the vehicle's papers.` };
  const value = compact(text);
  if (value.length >= 1 && value.length <= 20 && /[A-Z0-9]/.test(value)) return taken(value);
  return refused(
    'form',
    `A vehicle's plate has 1 to 20 characters besides spaces and hyphens; ${shown(text)} does not.`,
  );
}
