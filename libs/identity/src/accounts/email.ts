import type { Faults } from '#platform';
import { z } from 'zod';

const Email = z.email().max(254);

/** The one form of an address: accounts are told apart by it. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}

export function checkEmail(email: string, path: string, faults: Faults): void {
  if (!Email.safeParse(email).success) faults.add(path, 'email', 'Give an e-mail address such as name@example.org.');
}
