import { Field, Int, ObjectType } from '@nestjs/graphql';
import { DateTimeScalar, JSONScalar, UUIDScalar } from '#platform';

import { FileFormat, JobStatus } from './job.js';

@ObjectType({ description: 'A file of the violations that its author may see, told to its author alone.' })
export class Export {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => FileFormat)
  readonly format!: FileFormat;

  @Field(() => JSONScalar, { description: 'The filter, as it was given.' })
  readonly filter!: object;

  @Field(() => JobStatus)
  readonly status!: JobStatus;

  @Field(() => String, { nullable: true, description: 'Why it FAILED, and what to do about it.' })
  readonly failure!: string | null;

  @Field(() => Int, { nullable: true, description: 'Violations that were there when the file was begun; null before.' })
  readonly recordsInAll!: number | null;

  @Field(() => Int, { description: 'Violations so far. A run that was broken off is begun anew.' })
  readonly recordsWritten!: number;

  @Field(() => Int, { description: 'Rows so far, one for each line of goods; in NDJSON one for each violation.' })
  readonly rowsWritten!: number;

  @Field(() => Int, { nullable: true, description: 'Bytes of the file.' })
  readonly size!: number | null;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly finishedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the file is removed: a day after it was made.' })
  readonly expiresAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A link to the file, for five minutes and this session; null where there is none. It answers 409 once a record in the file is not its ' +
      "author's to see any more, or the author's part in the operation is another: make the export anew.",
  })
  readonly url!: string | null;
}
