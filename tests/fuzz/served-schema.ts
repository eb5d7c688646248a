import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, getNamedType, type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql';

import { ROOT } from '../setup/index.js';

/** The schema that the api serves. */
export const servedSchema: GraphQLSchema = buildSchema(readFileSync(join(ROOT, 'schema.graphql'), 'utf8'));

/** The fields of a type, as they are written in a document, with every field of what they hold. */
export function everyField(typeName: string): string {
  return freeFields(typeName)
    .map((field) => {
      const { name } = getNamedType(field.type);
      return isObjectType(servedSchema.getType(name)) ? `${field.name} { ${everyField(name)} }` : field.name;
    })
    .join(' ');
}

/** The fields of a type that can be asked for without an argument. */
export function freeFields(typeName: string): readonly GraphQLField<unknown, unknown>[] {
  const type = servedSchema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`${typeName} is no type with fields`);
  return Object.values(type.getFields()).filter(({ args }) =>
    args.every(({ type: given, defaultValue }) => !given.toString().endsWith('!') || defaultValue !== undefined),
  );
}

/** The name of the type that a query gives. */
export function typeOfQuery(field: string): string {
  const type = servedSchema.getQueryType()?.getFields()[field]?.type;
  if (!type) throw new Error(`There is no query ${field}`);
  return getNamedType(type).name;
}
