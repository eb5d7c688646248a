import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { type Actor, CurrentActor, Database, type RequestContext } from '#platform';

import { Directory } from '../directory.service.js';
import { Agency } from './agency.js';
import { PortUnit, Posting } from './port-unit.js';

/** What a unit that comes with a record leaves out; looked up once in a request for each unit, however many records name it. */
@Resolver(() => PortUnit)
export class PortUnitsResolver {
  private readonly known = new WeakMap<object, Map<string, Promise<PortUnit | undefined>>>();

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
    return unit.agencies ?? (await this.whole(actor, req, unit.id))?.agencies ?? [];
  }

  @ResolveField(() => [Posting], { description: "Told to the unit's country and the hub; empty for others." })
  async postings(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() unit: PortUnit,
  ): Promise<Posting[]> {
    return unit.postings ?? (await this.whole(actor, req, unit.id))?.postings ?? [];
  }

  private whole(actor: Actor, request: object, id: string): Promise<PortUnit | undefined> {
    const units = this.known.get(request) ?? new Map<string, Promise<PortUnit | undefined>>();
    this.known.set(request, units);
    const unit = units.get(id) ?? this.database.read(actor, (tx) => this.directory.unit(tx, id, actor));
    units.set(id, unit);
    return unit;
  }
}
