import { Field, ObjectType } from '@nestjs/graphql';

import type { Validity } from './versions.js';
import { Agreement } from './vocabulary.js';
import type { CrimeArea, QuantityUnit } from './vocabulary.js';

/** A kind of goods that operations seize, as it stands from one day to another. */
@ObjectType({ description: 'A kind of goods of the reference list.' })
export class Commodity implements Validity {
  @Field({ description: 'Code of the reference list, such as household-waste.' })
  readonly code!: string;

  @Field({ description: 'English name.' })
  readonly name!: string;

  @Field(() => Agreement, { description: 'The agreement that the list names first; a line may break another.' })
  readonly agreement!: Agreement;

  @Field(() => String, {
    nullable: true,
    description: "The agreement's own reference: an annex, an entry, a schedule.",
  })
  readonly agreementReference!: string | null;

  @Field(() => [String], {
    description:
      'Subheadings of the Harmonized System (HS 2022), six digits, that such goods are declared under; no customs ruling.',
  })
  readonly hsCodes!: readonly string[];

  /** Part of the list: waste, ozone, chemicals, wildlife … */
  readonly group!: string;
  readonly crimeArea!: CrimeArea;
  /** The unit to ask for first. */
  readonly unit!: QuantityUnit;
  /** Numbers of the UN dangerous goods list, such as UN2794. */
  readonly unNumbers!: readonly string[];
  /** CAS Registry Number. */
  readonly cas!: string | null;
  /** Global warming potential over 100 years, exact decimal. */
  readonly gwp100!: string | null;
  /** Ozone depletion potential, exact decimal. */
  readonly odp!: string | null;

  readonly validFrom!: string;
  readonly validTo!: string | null;
}
