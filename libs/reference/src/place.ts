import type { Validity } from './versions.js';

/** A place of the UN/LOCODE list: a port, a city, an airport, a border post. */
export interface ListedPlace extends Validity {
  /** Five characters without the space, such as KEMBA. */
  readonly unlocode: string;
  readonly name: string;
  /** Two letters of ISO 3166-1. */
  readonly country: string;
  /** Decimal degrees on WGS 84; null where the list has no coordinates. */
  readonly latitude: number | null;
  readonly longitude: number | null;
}
