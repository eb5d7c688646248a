import { Field, InputType } from '@nestjs/graphql';
import { UUIDScalar } from '#platform';

import { SharingInput } from '../records/record.inputs.js';
import { FileFormat } from './job.js';

@InputType({ description: 'A column of the file that is read as a column of the template.' })
export class MappedColumnInput {
  @Field(() => String, { description: "As the file's header names it." })
  readonly column!: string;

  @Field(() => String, { description: 'As the template names it.' })
  readonly field!: string;
}

@InputType({ description: 'What all rows have in a column of the template that the file lacks.' })
export class MappedConstantInput {
  @Field(() => String, { description: 'As the template names it.' })
  readonly field!: string;

  @Field(() => String)
  readonly value!: string;
}

@InputType({ description: "How a country's own spreadsheet is read. A file with the template's own names needs none." })
export class ImportMappingInput {
  @Field(() => [MappedColumnInput], { description: 'Columns of the file that are named nowhere here are left out.' })
  readonly columns!: MappedColumnInput[];

  @Field(() => [MappedConstantInput], { defaultValue: [] })
  readonly constants!: MappedConstantInput[];

  @Field(() => String, {
    nullable: true,
    description: 'Of YYYY, MM, DD, HH, mm and ss, such as DD/MM/YYYY HH:mm; YYYY-MM-DD is always read.',
  })
  readonly dateFormat?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'The file writes 22,50 for 22.50.' })
  readonly decimalComma!: boolean;
}

@InputType({ description: 'A file of violations that was uploaded to /imports/upload.' })
export class ImportReportsInput {
  @Field(() => UUIDScalar, { description: 'Made by the sender: a UUIDv7.' })
  readonly id!: string;

  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => UUIDScalar, { description: 'The agency that records them, of the owning country.' })
  readonly agencyId!: string;

  @Field(() => UUIDScalar, { description: "The last part of the upload's URL; one upload may be read several times." })
  readonly uploadId!: string;

  @Field(() => FileFormat)
  readonly format!: FileFormat;

  @Field(() => Boolean, { defaultValue: false, description: 'Judge everything and store nothing.' })
  readonly dryRun!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Rehearsals, taken in PREPARATION alone and never counted.',
  })
  readonly exercise!: boolean;

  @Field(() => ImportMappingInput, { nullable: true })
  readonly mapping?: ImportMappingInput | null;

  @Field(() => SharingInput, { description: 'Who sees the records; a row may say otherwise.' })
  readonly sharing!: SharingInput;
}
