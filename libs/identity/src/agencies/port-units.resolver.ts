import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { type Actor, CurrentActor, Database, type RequestContext, RequestLoader } from '#platform';

import { Directory } from '../directory.service.js';
import { Agency } from './agency.js';
import { PortUnit, Posting } from './port-unit.js';

/** What a unit that comes with a record leaves out; looked up at once for all units of a list, however many records name them. */
@Resolver(() => PortUnit)
export class PortUnitsResolver {
  private readonly unitsOfAll = new RequestLoader((actor, units: readonly PortUnit[]) => this.wholes(actor, units));

  constructor(
    private readonly database: Database,
    private readonly directory: Directory,
  ) {}

  @ResolveField(() => [Agency])
  async agencies(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() unit: PortUnit,
  ): Promise<Agency[]> {
    return unit.agencies ?? (await this.unitsOfAll.load(req, actor, unit))?.agencies ?? [];
  }

  @ResolveField(() => [Posting], { description: "Told to the unit's country and the hub; empty for others." })
  async postings(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() unit: PortUnit,
  ): Promise<Posting[]> {
    return unit.postings ?? (await this.unitsOfAll.load(req, actor, unit))?.postings ?? [];
  }

  private wholes(actor: Actor, units: readonly PortUnit[]): Promise<(PortUnit | undefined)[]> {
    return this.database.readAnywhere(actor, async (tx) => {
      const whole = await this.directory.unitsById(tx, [...new Set(units.map(({ id }) => id))], actor);
      return units.map(({ id }) => whole.get(id));
    });
  }
}
