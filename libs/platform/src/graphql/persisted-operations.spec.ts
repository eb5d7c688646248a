import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPersistedOperations } from './persisted-operations.js';

const folder = mkdtempSync(join(tmpdir(), 'muster-operations-'));
const file = (name: string, value: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const documents = ['query A { me { user { id } } }', 'query B { countries { code } }'];
const [first = ''] = documents;

test('documents are read from a folder, a list, a map by hash and a manifest of Apollo alike', () => {
  const operations = join(folder, 'operations');
  mkdirSync(operations);
  documents.forEach((text, n) => writeFileSync(join(operations, `${n}.graphql`), text));
  writeFileSync(join(operations, 'notes.txt'), 'no document');
  const expected = new Map(documents.map((text) => [hash(text), text]));
  expect(readPersistedOperations(operations)).toEqual(expected);
  expect(readPersistedOperations(file('list.json', documents))).toEqual(expected);
  expect(readPersistedOperations(file('map.json', Object.fromEntries(expected)))).toEqual(expected);
  const manifest = {
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: documents.map((body) => ({ id: hash(body), name: 'A', type: 'query', body })),
  };
  expect(readPersistedOperations(file('manifest.json', manifest))).toEqual(expected);
});

test.each([
  ['a hash that is not its document’s', { [hash('other')]: first }, 'is not the SHA-256'],
  ['no operation', [], 'holds no operation'],
  ['something else', { a: 1 }, 'is no list of documents'],
  ['a document that is none', ['query {'], 'Syntax Error'],
  ['a document beyond the limits', [`{ ${'me { id } '.repeat(31)} }`], 'too much at once'],
])('%s stops the start', (_what, value, message) => {
  expect(() => readPersistedOperations(file('wrong.json', value))).toThrow(message);
});

test('a path that is not there stops the start', () => {
  expect(() => readPersistedOperations(join(folder, 'none.json'))).toThrow('ENOENT');
});
