import 'reflect-metadata';

import { ModulesContainer, NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { RESOLVER_NAME_METADATA } from '@nestjs/graphql/dist/graphql.constants.js';
import { lexicographicSortSchema, printSchema } from 'graphql';

import { AppModule } from './app.module.js';

/** Prints the schema that the api serves, from its modules, without a database. */
async function print(): Promise<void> {
  const config = {
    production: false,
    host: '127.0.0.1',
    port: 0,
    databaseUrl: 'postgres://nobody@127.0.0.1/none',
    redisUrl: undefined,
    logLevel: 'silent',
    sessionDays: 30,
  };
  const app = await NestFactory.createApplicationContext(AppModule.of(config), { preview: true, logger: false });
  const resolvers = [...app.get(ModulesContainer).values()]
    .flatMap((module) => [...module.providers.values()])
    .flatMap(({ metatype }) =>
      typeof metatype === 'function' && Reflect.hasMetadata(RESOLVER_NAME_METADATA, metatype) ? [metatype] : [],
    );

  const builder = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
  const schema = await builder.get(GraphQLSchemaFactory).create([...new Set(resolvers)]);
  console.log(printSchema(lexicographicSortSchema(schema)));
}

await print();
process.exit(0);
