import { Controller, Get, Injectable, Module, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Mutation, Query, Resolver } from '@nestjs/graphql';
import { Test } from '@nestjs/testing';
import { SubscribeMessage } from '@nestjs/websockets';
import { Allow, Public, Role, SignedIn } from '#platform';

import { AccessCheck } from './access-check.js';

async function start(provider: Type, controller?: Type): Promise<void> {
  @Module({
    imports: [DiscoveryModule],
    providers: [AccessCheck, provider],
    controllers: controller ? [controller] : [],
  })
  class House {}
  const module = await Test.createTestingModule({ imports: [House] }).compile();
  await module.init();
  await module.close();
}

@Resolver()
class Told {
  @Query(() => String)
  @Public()
  one(): string {
    return '';
  }

  @Mutation(() => String)
  @SignedIn()
  two(): string {
    return '';
  }

  @Mutation(() => String)
  @Allow(Role.HUB)
  three(): string {
    return '';
  }

  inside(): string {
    return '';
  }
}

@Resolver()
class Silent {
  @Query(() => String)
  look(): string {
    return '';
  }

  @Mutation(() => String)
  change(): string {
    return '';
  }
}

@Injectable()
class SilentSocket {
  @SubscribeMessage('follow')
  follow(): string {
    return '';
  }
}

@Controller('silent')
class SilentRoutes {
  @Get()
  read(): string {
    return '';
  }
}

@Controller('health')
@Public()
class PublicRoutes {
  @Get()
  live(): string {
    return '';
  }
}

test('a house in which everything says who may call starts', async () => {
  await expect(start(Told, PublicRoutes)).resolves.toBeUndefined();
});

test('a query and a mutation that say nothing stop the start, and both are named', async () => {
  const starting = start(Silent);
  await expect(starting).rejects.toThrow('Silent.look (query or mutation)');
  await expect(starting).rejects.toThrow('Silent.change (query or mutation)');
});

test('a socket message that says nothing stops the start', async () => {
  await expect(start(SilentSocket)).rejects.toThrow('SilentSocket.follow (socket message)');
});

test('a route that says nothing stops the start', async () => {
  await expect(start(Told, SilentRoutes)).rejects.toThrow('SilentRoutes.read (route)');
});
