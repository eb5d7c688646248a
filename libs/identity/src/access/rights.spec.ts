import { type Actor, partOfMuster, Role } from '#platform';

import { coordinates, isOfCountry, isOfHub, isPosted } from './rights.js';

function holding(
  role: Role,
  country: string | null,
  operationId: string | null = null,
  participation: string | null = null,
): Actor {
  return { ...partOfMuster('test'), grants: [{ role, country, operationId, participation, unitId: null }] };
}

test('an officer is posted from the first day to the last, both included', () => {
  const officer = { postings: [{ unitId: 'mombasa', from: '2026-03-01', until: '2026-03-31' }] };
  const days = ['2026-02-28', '2026-03-01', '2026-03-31', '2026-04-01'];
  expect(days.filter((day) => isPosted(officer, 'mombasa', day))).toEqual(['2026-03-01', '2026-03-31']);
  expect(isPosted(officer, 'dar-es-salaam', '2026-03-15')).toBe(false);
});

test('an open posting has no last day', () => {
  const officer = { postings: [{ unitId: 'mombasa', from: '2026-03-01', until: null }] };
  expect(isPosted(officer, 'mombasa', '2099-01-01')).toBe(true);
  expect(isPosted(officer, 'mombasa', '2026-02-28')).toBe(false);
});

test('a coordinator speaks for the country: standing, or where the country takes part', () => {
  const role = Role.NATIONAL_COORDINATOR;
  expect(coordinates(holding(role, 'KE'), 'KE')).toBe(true);
  expect(coordinates(holding(role, 'KE', 'sea', 'ACCEPTED'), 'KE')).toBe(true);
  expect(coordinates(holding(role, 'KE', 'sea', 'WITHDRAWN'), 'KE')).toBe(false);
  expect(coordinates(holding(role, 'KE'), 'TZ')).toBe(false);
  expect(coordinates(holding(Role.AGENCY_OFFICER, 'KE', 'sea', 'ACCEPTED'), 'KE')).toBe(false);
});

test('the hub is its officers and its own analysts, not those of a country', () => {
  expect(isOfHub(holding(Role.HUB, null))).toBe(true);
  expect(isOfHub(holding(Role.ANALYST, null))).toBe(true);
  expect(isOfHub(holding(Role.ANALYST, 'KE', 'sea', 'ACCEPTED'))).toBe(false);
  expect(isOfHub(holding(Role.ADMINISTRATOR, null))).toBe(false);
});

test("a country's people are those of its agencies and those who act for it, but not who only observes for it", () => {
  expect(isOfCountry({ ...partOfMuster('test'), agencyCountry: 'KE' }, 'KE')).toBe(true);
  expect(isOfCountry(holding(Role.ANALYST, 'KE'), 'KE')).toBe(true);
  expect(isOfCountry(holding(Role.OBSERVER, 'KE'), 'KE')).toBe(false);
  expect(isOfCountry(holding(Role.HUB, null), 'KE')).toBe(false);
});
