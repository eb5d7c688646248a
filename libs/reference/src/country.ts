import { Field, ObjectType } from '@nestjs/graphql';

import { CountryCodeScalar } from '#platform';

import type { Validity } from './versions.js';
import type { Language, RegionScheme } from './vocabulary.js';

/** A country or territory of ISO 3166-1, as it stands from one day to another. */
@ObjectType({ description: 'A country or territory of ISO 3166-1.' })
export class Country implements Validity {
  @Field(() => CountryCodeScalar, { description: 'Two letters of ISO 3166-1.' })
  readonly code!: string;

  readonly names!: Readonly<Record<Language, string>>;

  /** English names of the regions, "NONE" where a scheme has none for it. */
  readonly regions!: Readonly<Record<RegionScheme, string>>;

  readonly validFrom!: string;
  readonly validTo!: string | null;
}
