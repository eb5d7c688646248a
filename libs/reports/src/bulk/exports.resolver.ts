import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Actor, CurrentActor, SignedIn, UUIDScalar } from '#platform';

import { Export } from './export.js';
import { ExportReportsInput } from './export.inputs.js';
import { Exports } from './exports.service.js';

@Resolver()
export class ExportsResolver {
  constructor(private readonly service: Exports) {}

  @Mutation(() => Export, {
    description:
      'Writes the violations that you may see of an operation into a file, by any filter of the list, newest recorded first. The file tells each ' +
      'as it stood when it was written. Sent again with the same id it gets the export as it is now.',
  })
  @SignedIn()
  exportReports(@CurrentActor() actor: Actor, @Args('input') input: ExportReportsInput): Promise<Export> {
    return this.service.begin(actor, input);
  }

  @Query(() => Export, { nullable: true, description: 'An export of your own.' })
  @SignedIn()
  export(@CurrentActor() actor: Actor, @Args('id', { type: () => UUIDScalar }) id: string): Promise<Export> {
    return this.service.find(actor, id);
  }

  @Query(() => [Export], {
    nullable: true,
    description: 'The last hundred exports of your own in an operation, the newest first.',
  })
  @SignedIn()
  exports(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
  ): Promise<Export[]> {
    return this.service.ofOperation(actor, operationId);
  }
}
