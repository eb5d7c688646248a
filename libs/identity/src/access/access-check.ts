import { Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { RESOLVER_TYPE_METADATA } from '@nestjs/graphql/dist/graphql.constants.js';
import { MESSAGE_MAPPING_METADATA } from '@nestjs/websockets/constants.js';
import { ACCESS } from '#platform';

/** What marks a method as one that the outside can call. */
const ENTRANCES: readonly {
  readonly key: string;
  readonly kind: string;
  readonly holds: (mark: unknown) => boolean;
}[] = [
  {
    key: RESOLVER_TYPE_METADATA,
    kind: 'query or mutation',
    holds: (mark) => mark === 'Query' || mark === 'Mutation' || mark === 'Subscription',
  },
  { key: MESSAGE_MAPPING_METADATA, kind: 'socket message', holds: (mark) => mark === true },
  { key: METHOD_METADATA, kind: 'route', holds: (mark) => mark !== undefined },
];

/**
 * Stops the start when a query, mutation, socket message or route does not say who may call it, and names each that does not.
 * Nothing is open, or shut, by default.
 */
@Injectable()
export class AccessCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    this.assertEveryFieldSaysWhoMay();
  }

  assertEveryFieldSaysWhoMay(): void {
    const classes = new Set<Type>();
    for (const { metatype } of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      if (isClass(metatype)) classes.add(metatype);
    }
    const silent = [...classes].flatMap((of) => this.silentMethods(of));
    if (silent.length === 0) return;
    throw new Error(
      `Say who may call, with @Allow, @SignedIn or @Public:\n${silent.map((name) => `  ${name}`).join('\n')}`,
    );
  }

  private silentMethods(of: Type): string[] {
    const prototype = of.prototype as Record<string, (...parameters: never[]) => unknown>;
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method = prototype[name];
      if (!method) return [];
      const entrance = ENTRANCES.find(({ key, holds }) => holds(this.reflector.get<unknown>(key, method)));
      const says = this.reflector.getAllAndOverride<unknown>(ACCESS, [method, of]) !== undefined;
      return entrance && !says ? [`${of.name}.${name} (${entrance.kind})`] : [];
    });
  }
}

function isClass(metatype: unknown): metatype is Type {
  return (
    typeof metatype === 'function' &&
    typeof (metatype as Type).prototype === 'object' &&
    (metatype as Type).prototype !== null
  );
}
