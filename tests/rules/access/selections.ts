import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type IntrospectionQuery,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

import { ROOT } from '../../setup/index.js';
import type { Person } from '../../setup/scene.js';

/** The schema that the API serves. */
export async function servedSchema(person: Person): Promise<GraphQLSchema> {
  const { data } = await person.ask<IntrospectionQuery>(getIntrospectionQuery());
  return buildClientSchema(data);
}

/** All that can be asked of a type without arguments, so that a field that comes later is asked for too. */
export function everythingOf(schema: GraphQLSchema, name: string): string {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no type of the schema.`);
  return selection(type, []);
}

function selection(type: GraphQLObjectType, above: readonly string[]): string {
  const fields = Object.values(type.getFields()).flatMap(({ name, type: of, args }) => {
    if (args.some(isRequiredArgument)) return [];
    const named = getNamedType(of);
    if (!isObjectType(named)) return [name];
    return above.includes(named.name) ? [] : [`${name} ${selection(named, [...above, type.name])}`];
  });
  return `{ ${fields.join(' ')} }`;
}

/** The names of all queries and mutations that the API serves. */
export function fieldsOf(schema: GraphQLSchema): string[] {
  return [schema.getQueryType(), schema.getMutationType()].flatMap((type) => Object.keys(type?.getFields() ?? {}));
}

/** The socket messages that the programs take, and their routes, as their source says. */
export async function doorsInSource(): Promise<{ readonly messages: string[]; readonly routes: string[] }> {
  const messages: string[] = [];
  const routes: string[] = [];
  for (const file of await sources()) {
    const text = await readFile(file, 'utf8');
    for (const [, message = ''] of text.matchAll(/@SubscribeMessage\('(\w+)'\)/g)) messages.push(message);
    const controller = /@Controller\((?:'([^']*)'|(\w+))?\)/.exec(text);
    if (!controller) continue;
    const [, literal = '', constant] = controller;
    const base = constant === undefined ? literal : await valueOf(constant);
    for (const [, method = '', path = ''] of text.matchAll(/@(Get|Post|Put|Patch|Delete|All|Head)\(([^)]*)\)/g)) {
      const paths = [...path.matchAll(/'([^']*)'/g)].map(([, part = '']) => part);
      for (const part of paths.length === 0 ? [''] : paths) {
        const route = `/${[base, part]
          .map((each) => each.replace(/^\//, ''))
          .filter(Boolean)
          .join('/')}`;
        routes.push(`${method.toUpperCase()} ${route}`);
      }
    }
  }
  return { messages, routes };
}

async function sources(): Promise<string[]> {
  const found = await Promise.all(
    ['apps', 'libs'].map(async (folder) =>
      (await readdir(join(ROOT, folder), { recursive: true })).map((name) => join(ROOT, folder, name)),
    ),
  );
  return found.flat().filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
}

/** The path that a constant holds. */
async function valueOf(constant: string): Promise<string> {
  for (const file of await sources()) {
    const [, value] = new RegExp(`const ${constant} = '([^']*)'`).exec(await readFile(file, 'utf8')) ?? [];
    if (value !== undefined) return value;
  }
  throw new Error(`Which path is ${constant}?`);
}
