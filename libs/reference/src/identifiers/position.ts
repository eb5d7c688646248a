import { refuseNonAscii } from './ascii.js';
import { refused, taken } from './checked.js';
import type { Checked } from './checked.js';

/** A point on WGS 84, in decimal degrees. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * Checks a position (WGS 84): latitude -90 to 90, longitude -180 to 180, both ends in, both given. 0, 0 is a real point and nearly always a missing value:
 * taken, and noted. For a place whose position may be left out ask only when either is there.
 */
export function checkPosition(
  latitude: number | null | undefined,
  longitude: number | null | undefined,
): Checked<Position> {
  if (latitude === null || latitude === undefined || longitude === null || longitude === undefined) {
    return refused('form', 'Latitude and longitude are given together or not at all.');
  }
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude))
    return refused('form', 'Latitude and longitude are numbers of degrees.');
  if (Math.abs(latitude) > 90) {
    const turned =
      Math.abs(latitude) <= 180 && Math.abs(longitude) <= 90 ? ' Are latitude and longitude exchanged?' : '';
    return refused('range', `Latitude runs from -90 to 90 degrees; ${latitude} is outside.${turned}`);
  }
  if (Math.abs(longitude) > 180)
    return refused('range', `Longitude runs from -180 to 180 degrees; ${longitude} is outside.`);
  // Adding 0 turns -0, which JSON writes as 0 and comparisons of objects tell apart, into 0.
  const position = { latitude: latitude + 0, longitude: longitude + 0 };
  return taken(position, position.latitude === 0 && position.longitude === 0 ? 'zero-point' : undefined);
}

/** Reads `latitude,longitude` in decimal degrees, as lists and messages write it. */
export function readPosition(text: string): Checked<Position> {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const parts = /^(-?[0-9]{1,3}(?:\.[0-9]+)?), ?(-?[0-9]{1,3}(?:\.[0-9]+)?)$/.exec(text.trim());
  if (!parts)
    return refused(
      'form',
      'A position is latitude and longitude in decimal degrees, such as -4.0435,39.6682, without letters.',
    );
  return checkPosition(Number(parts[1]), Number(parts[2]));
}
