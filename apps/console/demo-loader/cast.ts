import type { Accounts } from '#identity';
import type { Actor } from '#platform';

/** Everybody and everything that the demo names by key, with the ids that were made when they were stored. */
export class Cast {
  private readonly actors = new Map<string, Promise<Actor>>();

  constructor(
    private readonly accounts: Accounts,
    private readonly people: ReadonlyMap<string, string>,
    private readonly agencies: ReadonlyMap<string, string>,
    private readonly units: ReadonlyMap<string, string>,
  ) {}

  person(key: string): string {
    return idOf(this.people, key);
  }

  agency(key: string): string {
    return idOf(this.agencies, key);
  }

  unit(key: string): string {
    return idOf(this.units, key);
  }

  /** A person who acts, with the rights held at the first call after {@link Cast.forgetRights}. */
  actor(key: string): Promise<Actor> {
    let actor = this.actors.get(key);
    if (!actor) {
      actor = this.accounts.actorFor(this.person(key));
      this.actors.set(key, actor);
    }
    return actor;
  }

  /** To be called when roles were given or countries have answered. */
  forgetRights(): void {
    this.actors.clear();
  }
}

function idOf(ids: ReadonlyMap<string, string>, key: string): string {
  const id = ids.get(key);
  if (id === undefined) throw new Error(`The demo names ${key}, which was not stored.`);
  return id;
}
