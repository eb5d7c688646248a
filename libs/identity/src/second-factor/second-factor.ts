import { Field, Int, ObjectType } from '@nestjs/graphql';
import { DateTimeScalar } from '#platform';

@ObjectType({ description: 'What a person can prove besides the password, and whether it must be.' })
export class SecondFactor {
  @Field(() => Boolean, {
    description: 'Whether a role of the person asks for a second factor: HUB, ANALYST and ADMINISTRATOR do.',
  })
  readonly required!: boolean;

  @Field(() => Boolean, { description: 'Whether an authenticator app or a passkey is enrolled.' })
  readonly enrolled!: boolean;

  @Field(() => Boolean, {
    description:
      'Whether this session has proved one. Where it is required and was not proved, the session may look at `me`, enrol and sign ' +
      'out, and do nothing else.',
  })
  readonly proved!: boolean;

  @Field(() => Boolean, { description: 'Whether an authenticator app (TOTP) is enrolled.' })
  readonly totp!: boolean;

  @Field(() => Int, { description: 'How many passkeys are enrolled.' })
  readonly passkeys!: number;

  @Field(() => Int, { description: 'How many recovery codes were not used yet.' })
  readonly recoveryCodesLeft!: number;
}

@ObjectType({
  description: 'A secret for an authenticator app; it counts once `confirmTotp` has taken its first code.',
})
export class TotpEnrolment {
  @Field(() => String, {
    description: 'The secret in base32, for apps that are given it by hand. It is told here alone.',
  })
  readonly secret!: string;

  @Field(() => String, { description: 'An `otpauth://` address with the same secret, to be shown as a QR code.' })
  readonly uri!: string;

  @Field(() => DateTimeScalar, { description: 'Until when its first code is waited for.' })
  readonly expiresAt!: Date;
}
