import { validate, version } from 'uuid';

import { refuseNonAscii } from './ascii.js';
import { refused, taken } from './checked.js';
import type { Checked } from './checked.js';

/**
 * Checks a sender's id: a UUID of version 7 (RFC 9562), stored in lower case. Its time is the sender's clock: an order within one client, never the time of
 * an event.
 */
export function checkUuidV7(text: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const value = text.toLowerCase();
  if (!validate(value))
    return refused(
      'form',
      'An id is a UUID such as 017f22e2-79b0-7cc3-98c4-dc0c0c07398f, with hyphens and without braces.',
    );
  if (version(value) !== 7) return refused('range', 'An id that the sender makes is a UUID of version 7 (RFC 9562).');
  return taken(value);
}
