import { Field, ObjectType, registerEnumType } from '@nestjs/graphql';
import { DateTimeScalar, type RequestContext, UUIDScalar } from '#platform';

/** How a person proved who they are when a session began. */
export enum SignInMethod {
  INVITATION = 'INVITATION',
  PASSWORD = 'PASSWORD',
  PASSKEY = 'PASSKEY',
  PROVIDER = 'PROVIDER',
}
registerEnumType(SignInMethod, {
  name: 'SignInMethod',
  description:
    'How a session began: with the invitation, the password, a passkey, or the sign-in of the home agency (OpenID Connect).',
});

@ObjectType({ description: 'A session of the person that is under way, on this device or another.' })
export class OpenSession {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;

  @Field(() => DateTimeScalar, {
    description: 'When its tokens were last refreshed; requests in between, at most 15 minutes, are not noted.',
  })
  readonly lastUsedAt!: Date;

  @Field(() => SignInMethod)
  readonly method!: SignInMethod;

  @Field(() => Boolean, { description: 'Whether a second factor was proved in it.' })
  readonly secondFactor!: boolean;

  @Field(() => String, { nullable: true, description: 'The network address that it began from.' })
  readonly address!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What the browser or app called itself, in at most 160 characters.',
  })
  readonly userAgent!: string | null;

  @Field(() => Boolean, { description: 'Whether it is the session that asks.' })
  readonly current!: boolean;
}

/** Where a sign-in comes from. */
export interface Client {
  readonly address: string;
  readonly userAgent: string | null;
}

const LONGEST_USER_AGENT = 160;

export function clientOf({ ip, headers }: RequestContext['req']): Client {
  return { address: ip, userAgent: headers['user-agent']?.slice(0, LONGEST_USER_AGENT) ?? null };
}
