import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { UUIDScalar } from '#platform';

import { Agency } from '../agencies/agency.js';

@ObjectType({ description: "An agency's own sign-in, by its name alone: what a page needs to offer it." })
export class SignInProvider {
  @Field(() => UUIDScalar, {
    description: 'The browser goes to `/auth/{id}/start?challenge=…`; see `signInByProvider`.',
  })
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;
}

@ObjectType({
  description: "An agency's own OpenID Connect provider, as administrators see it; its secret is told to nobody.",
})
export class IdentityProvider {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String, { description: 'Its issuer identifier, an https URL.' })
  readonly issuer!: string;

  @Field(() => String)
  readonly clientId!: string;

  @Field(() => Agency, { description: 'Whose people it signs in.' })
  readonly agency!: Agency;

  @Field(() => [String], { description: 'Addresses of these domains alone link an account for the first time.' })
  readonly emailDomains!: string[];

  @Field(() => String, { description: 'The address that the provider must know as a redirect URI.' })
  readonly redirectUri!: string;
}

@InputType()
export class RegisterProviderInput {
  @Field(() => String, { description: 'What people know it by.' })
  readonly name!: string;

  @Field(() => String, { description: 'Its issuer identifier: an https URL, without a query.' })
  readonly issuer!: string;

  @Field(() => String)
  readonly clientId!: string;

  @Field(() => String, { description: 'Kept encrypted, and told to nobody.' })
  readonly clientSecret!: string;

  @Field(() => UUIDScalar, { description: 'Whose people it signs in.' })
  readonly agencyId!: string;

  @Field(() => [String], { description: 'Such as `customs.example`; at least one. Domains below it are others.' })
  readonly emailDomains!: string[];
}
