import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';

import { SignedIn } from '#platform';

import { Commodity } from './commodity.js';
import { Country } from './country.js';
import { ReferenceService } from './reference.service.js';
import { Agreement, Language, RegionScheme } from './vocabulary.js';

/** Reference lists, for anyone with an account. */
@Resolver(() => Country)
export class ReferenceResolver {
  constructor(private readonly reference: ReferenceService) {}

  @Query(() => [Country], {
    description: 'The countries and territories of ISO 3166-1 that stand today, in the order of their codes.',
  })
  @SignedIn()
  countries(): readonly Country[] {
    return this.reference.countriesOn(today());
  }

  @Query(() => [Commodity], {
    description: 'The commodities of the reference list that hold today, in the order of their codes.',
  })
  @SignedIn()
  commodities(
    @Args('search', {
      type: () => String,
      nullable: true,
      description: 'Part of a code or an English name, or the beginning of an HS code.',
    })
    search?: string | null,
    @Args('agreement', {
      type: () => Agreement,
      nullable: true,
      description: 'Only those for which the list names this agreement first.',
    })
    agreement?: Agreement | null,
  ): readonly Commodity[] {
    return this.reference.findCommodities(today(), search, agreement);
  }

  @ResolveField(() => String, { description: "The country's name." })
  name(
    @Parent() country: Country,
    @Args('language', { type: () => Language, defaultValue: Language.EN }) language: Language,
  ): string {
    return country.names[language];
  }

  @ResolveField(() => String, {
    description:
      'The English name of its region, the same as in keys of trends; "NONE" where the scheme has none for it.',
  })
  region(
    @Parent() country: Country,
    @Args('scheme', { type: () => RegionScheme, defaultValue: RegionScheme.M49_SUBREGION }) scheme: RegionScheme,
  ): string {
    return country.regions[scheme];
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
