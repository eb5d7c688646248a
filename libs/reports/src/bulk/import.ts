import { Field, Int, ObjectType } from '@nestjs/graphql';
import { CountryCodeScalar, DateTimeScalar, UUIDScalar } from '#platform';

import { FileFormat, JobStatus } from './job.js';

@ObjectType({ description: 'A column of the file that is read as a column of the template.' })
export class MappedColumn {
  @Field(() => String, { description: "As the file's header names it." })
  readonly column!: string;

  @Field(() => String, { description: 'As the template names it.' })
  readonly field!: string;
}

@ObjectType({ description: 'What all rows have in a column of the template that the file lacks.' })
export class MappedConstant {
  @Field(() => String, { description: 'As the template names it.' })
  readonly field!: string;

  @Field(() => String)
  readonly value!: string;
}

@ObjectType({ description: "How a country's own spreadsheet is read." })
export class ImportMapping {
  @Field(() => [MappedColumn], { description: 'Columns of the file that are named nowhere here are left out.' })
  readonly columns!: readonly MappedColumn[];

  @Field(() => [MappedConstant])
  readonly constants!: readonly MappedConstant[];

  @Field(() => String, {
    nullable: true,
    description: 'Of YYYY, MM, DD, HH, mm and ss, such as DD/MM/YYYY HH:mm; YYYY-MM-DD is always read.',
  })
  readonly dateFormat!: string | null;

  @Field(() => Boolean, { description: 'The file writes 22,50 for 22.50.' })
  readonly decimalComma!: boolean;
}

@ObjectType({
  description: "A file of violations that a country's coordinator brought in, told to its coordinators alone.",
})
export class Import {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => CountryCodeScalar)
  readonly country!: string;

  @Field(() => UUIDScalar, { description: 'Who brought it in, and in whose name its violations are logged.' })
  readonly authorId!: string;

  @Field(() => String)
  readonly fileName!: string;

  @Field(() => FileFormat)
  readonly format!: FileFormat;

  @Field(() => Boolean, { description: 'Everything is judged and nothing stored.' })
  readonly dryRun!: boolean;

  @Field(() => JobStatus)
  readonly status!: JobStatus;

  @Field(() => String, { nullable: true, description: 'Why it FAILED, and what to do about it.' })
  readonly failure!: string | null;

  @Field(() => Int, { description: 'Rows so far, without the header and empty ones.' })
  readonly rowsRead!: number;

  @Field(() => Int, { description: 'Rows whose violations are stored, or would be.' })
  readonly rowsTaken!: number;

  @Field(() => Int, { description: 'Rows whose violations had come before with the same content.' })
  readonly rowsRepeated!: number;

  @Field(() => Int, { description: 'Rows that stand in the file of refused rows.' })
  readonly rowsRefused!: number;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly finishedAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A link, for five minutes and this session, to the refused rows as they came, each with all that is wrong with it: correct that ' +
      'file and import it. Null before the end, where nothing was refused, and a week later.',
  })
  readonly errorsUrl!: string | null;
}

@ObjectType({ description: 'A file to fill in.' })
export class ImportTemplate {
  @Field(() => String)
  readonly fileName!: string;

  @Field(() => String)
  readonly mediaType!: string;

  @Field(() => String, { description: 'The bytes of the file, in Base64.' })
  readonly content!: string;
}
