import { DataSource } from 'typeorm';
import { readConfig } from '#platform';

import { testDatabase, type TestDatabase } from '../../../../tests/setup/index.js';
import { SecretBox } from './secret-box.js';

let database: TestDatabase;
let source: DataSource;

beforeAll(async () => {
  database = await testDatabase();
  source = await new DataSource({ type: 'postgres', url: database.url }).initialize();
});

afterAll(async () => {
  await source.destroy();
  await database.drop();
});

/** @param key the setting ENCRYPTION_KEY */
function box(key = ''): SecretBox {
  return new SecretBox(source, readConfig({ DATABASE_URL: database.url, ENCRYPTION_KEY: key }));
}

const KEY = 'a key of an installation, from a file';

test('what was sealed is opened by every process, at its own place alone', async () => {
  const sealed = await box().seal('totp:ada', 'GEZDGNBV');
  expect(await box().open('totp:ada', sealed)).toBe('GEZDGNBV');
  await expect(box().open('totp:eve', sealed)).rejects.toThrow();
});

test('a bit that was changed is found, wherever it is', async () => {
  const sealed = await box().seal('totp:ada', 'GEZDGNBV');
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    await expect(box().open('totp:ada', changed)).rejects.toThrow();
  }
});

test('the same text is sealed otherwise each time', async () => {
  const [one, other] = await Promise.all([box().seal('x', 'text'), box().seal('x', 'text')]);
  expect(one.equals(other)).toBe(false);
  expect(one.includes('text')).toBe(false);
});

test('with a part of the key in the settings, the database alone opens nothing', async () => {
  const sealed = await box(KEY).seal('totp:ada', 'GEZDGNBV');
  expect(await box(KEY).open('totp:ada', sealed)).toBe('GEZDGNBV');
  await expect(box().open('totp:ada', sealed)).rejects.toThrow();
  await expect(box(`${KEY}!`).open('totp:ada', sealed)).rejects.toThrow();
});
