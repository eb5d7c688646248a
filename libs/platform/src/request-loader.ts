import DataLoader from 'dataloader';

import type { Actor } from './actor.js';

/** Gathers what many fields of one request ask for into one look, however long the list that they stand in. */
export class RequestLoader<Key, Value> {
  private readonly loaders = new WeakMap<object, DataLoader<Key, Value>>();

  /** @param look gives the values of all keys, in their order, or the error that one of them is answered with */
  constructor(private readonly look: (actor: Actor, keys: readonly Key[]) => Promise<readonly (Value | Error)[]>) {}

  load(request: object, actor: Actor, key: Key): Promise<Value> {
    let loader = this.loaders.get(request);
    if (!loader) {
      loader = new DataLoader((keys) => this.look(actor, keys));
      this.loaders.set(request, loader);
    }
    return loader.load(key);
  }
}
