import { Field, ObjectType } from '@nestjs/graphql';
import { DateTimeScalar } from '#platform';

@ObjectType({
  description:
    'A signed head of a chain of the audit log, to be kept outside of Muster: whoever holds it can show later whether the log was cut or ' +
    'rewritten before that instant.',
})
export class AuditHead {
  @Field(() => String, { description: 'The chain: the id of the operation, or zeros for the platform.' })
  readonly chain!: string;

  @Field(() => DateTimeScalar)
  readonly signedAt!: Date;

  @Field(() => String, {
    description: "SHA-256 in hexadecimal over the head's hash and a secret number, which prove it when they are told.",
  })
  readonly commitment!: string;

  @Field(() => String, {
    description:
      'Ed25519 in base64 over the canonical JSON (RFC 8785) of chain, commitment, form ("muster.audit.head.1") and signedAt, as told here.',
  })
  readonly signature!: string;

  @Field(() => String, { description: 'The public key of the signature, as PEM.' })
  readonly publicKey!: string;
}
