import { readFileSync } from 'node:fs';
import { buildSchema, isObjectType } from 'graphql';

import { fieldCosts } from './field-costs.js';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

test('every field that something is said of is there, so that none is forgotten when it gets another name', () => {
  for (const name of Object.keys(fieldCosts).filter((key) => !key.startsWith('*'))) {
    const [typeName = '', fieldName = ''] = name.split('.');
    const type = schema.getType(typeName);
    expect({ name, isThere: isObjectType(type) && fieldName in type.getFields() }).toEqual({ name, isThere: true });
  }
});

test('every argument that something is said of is taken by some field', () => {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const args = types.flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) => field.args.map(({ name }) => `*(${name})`)),
  );
  for (const key of Object.keys(fieldCosts).filter((each) => each.startsWith('*'))) expect(args).toContain(key);
});
