import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  buildSchema,
  findBreakingChanges,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

import { ROOT } from '../setup/index.js';

const read = async (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

test('the committed schema.graphql is the schema that the api serves', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'dist/apps/api/schema.js')], {
    maxBuffer: 8 << 20,
  });
  expect(await read('schema.graphql')).toBe(stdout);
});

test('the reasons that a code is refused for are explained wherever one may be given', async () => {
  const schema = buildSchema(await read('schema.graphql'));
  const fields = { ...schema.getMutationType()?.getFields() };
  const explaining = (reason: string): string[] =>
    Object.values(fields)
      .filter((field) => [field, ...field.args].some(({ description }) => description?.includes(reason)))
      .map(({ name }) => name);
  expect(explaining('OTP_REQUIRED')).toEqual(['signIn', 'signInByProvider']);
  expect(explaining('OTP_USED')).toEqual([
    'beginPasskey',
    'beginTotp',
    'removePasskey',
    'removeTotp',
    'renewRecoveryCodes',
    'signIn',
    'signInByProvider',
  ]);
});

test('the schema holds everything of the contract: names, arguments, types and defaults', async () => {
  const contract = buildSchema(await read('tests/contract/contract.graphql'));
  const schema = buildSchema(await read('schema.graphql'));
  expect(findBreakingChanges(contract, schema).map(({ description }) => description)).toEqual([]);
  expect(differences(contract, schema)).toEqual([]);
});

test('a field of the contract that goes missing or changes its type or default is noticed', async () => {
  const contract = buildSchema(await read('tests/contract/contract.graphql'));
  const schema = await read('schema.graphql');
  const without = (from: string, to: string): string[] => {
    expect(schema).toContain(from);
    return differences(contract, buildSchema(schema.replace(from, to)));
  };
  expect(without('persons: Int\n', '')).not.toEqual([]);
  expect(without('filter: ViolationFilter, first: Int! = 50', 'filter: ViolationFilter, first: Int! = 10')).not.toEqual(
    [],
  );
  expect(without('valueEstimated: Boolean!', 'valueEstimated: Boolean')).not.toEqual([]);
});

function differences(contract: GraphQLSchema, schema: GraphQLSchema): string[] {
  const faults: string[] = [];
  for (const [name, type] of Object.entries(contract.getTypeMap())) {
    if (name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))) continue;
    const other = schema.getType(name);
    const fields = other && 'getFields' in other ? (other.getFields() as Readonly<Record<string, AnyField>>) : {};
    for (const [field, wanted] of Object.entries(type.getFields() as Readonly<Record<string, AnyField>>)) {
      faults.push(...unlike(`${name}.${field}`, wanted, fields[field]));
      for (const argument of 'args' in wanted ? wanted.args : []) {
        const found =
          fields[field] && 'args' in fields[field]
            ? fields[field].args.find((arg) => arg.name === argument.name)
            : undefined;
        faults.push(...unlike(`${name}.${field}(${argument.name})`, argument, found));
      }
    }
  }
  return faults;
}

type AnyField = GraphQLField<unknown, unknown> | GraphQLInputField;

function unlike(
  what: string,
  wanted: AnyField | GraphQLArgument,
  found: AnyField | GraphQLArgument | undefined,
): string[] {
  if (!found) return [`${what} is missing`];
  const isLike = String(wanted.type) === String(found.type) && defaultOf(wanted) === defaultOf(found);
  return isLike
    ? []
    : [
        `${what} is ${String(found.type)} = ${defaultOf(found)}, the contract says ${String(wanted.type)} = ${defaultOf(wanted)}`,
      ];
}

function defaultOf(field: AnyField | GraphQLArgument): string {
  return JSON.stringify('defaultValue' in field ? field.defaultValue : undefined) ?? 'none';
}
