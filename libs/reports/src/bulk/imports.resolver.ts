import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Actor, Allow, CountryCodeScalar, CurrentActor, Role, UUIDScalar } from '#platform';

import { Import, ImportMapping, ImportTemplate } from './import.js';
import { ImportReportsInput } from './import.inputs.js';
import { Imports } from './imports.service.js';
import { FileFormat } from './job.js';

@Resolver()
export class ImportsResolver {
  constructor(private readonly service: Imports) {}

  @Mutation(() => Import, {
    description:
      'Imports a file of violations that was uploaded to /imports/upload, row by row, in the name of whoever asks. What is wrong with one row ' +
      'stops no other; the same file sent again brings nothing twice. Sent again with the same id it gets the import as it is now.',
  })
  @Allow(Role.NATIONAL_COORDINATOR)
  importReports(@CurrentActor() actor: Actor, @Args('input') input: ImportReportsInput): Promise<Import> {
    return this.service.begin(actor, input);
  }

  @Query(() => Import, { nullable: true, description: "An import of the actor's own country." })
  @Allow(Role.NATIONAL_COORDINATOR)
  import(@CurrentActor() actor: Actor, @Args('id', { type: () => UUIDScalar }) id: string): Promise<Import> {
    return this.service.find(actor, id);
  }

  @Query(() => [Import], {
    nullable: true,
    description: "The last hundred imports of the actor's own country in an operation, the newest first.",
  })
  @Allow(Role.NATIONAL_COORDINATOR)
  imports(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
  ): Promise<Import[]> {
    return this.service.list(actor, operationId);
  }

  @Query(() => ImportTemplate, { nullable: true, description: 'A file to fill in, with its columns and an example.' })
  @Allow(Role.NATIONAL_COORDINATOR)
  importTemplate(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
    @Args('format', { type: () => FileFormat }) format: FileFormat,
  ): Promise<ImportTemplate> {
    return this.service.template(actor, operationId, format);
  }

  @Query(() => ImportMapping, {
    nullable: true,
    description:
      "How the last file with a mapping was read that was imported for the actor's country, in any operation; null where there was none.",
  })
  @Allow(Role.NATIONAL_COORDINATOR)
  importMapping(
    @CurrentActor() actor: Actor,
    @Args('country', { type: () => CountryCodeScalar }) country: string,
  ): Promise<ImportMapping | null> {
    return this.service.mappingOf(actor, country);
  }
}
