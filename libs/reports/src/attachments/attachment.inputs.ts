import { Field, InputType, Int } from '@nestjs/graphql';
import { UUIDScalar } from '#platform';

@InputType({ description: 'A photo or document of a record, listed before it is uploaded to /attachments/upload.' })
export class AttachmentInput {
  @Field(() => UUIDScalar, { description: 'Made by the sender; another one for each attachment of the record.' })
  readonly id!: string;

  @Field(() => String, { description: 'SHA-256 of the file, in 64 hexadecimal digits. Nothing else is taken for it.' })
  readonly sha256!: string;

  @Field(() => Int, { description: 'Bytes of the file.' })
  readonly size!: number;

  @Field(() => String, { description: 'The name that readers see. No file is ever stored under it.' })
  readonly name!: string;

  @Field(() => String, {
    nullable: true,
    description: "The type as the sender's device says. What it is, is found from its content.",
  })
  readonly mediaType?: string | null;
}
