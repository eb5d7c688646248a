import { readSettings } from './settings.js';

test('without settings, Muster takes its usual port or a free one, the folder .data and the embedded PostgreSQL', () => {
  expect(readSettings({}, '/muster')).toEqual({
    mode: 'development',
    host: '127.0.0.1',
    port: undefined,
    dataDir: '/muster/.data',
    databaseUrl: undefined,
    redisUrl: undefined,
    logLevel: 'info',
  });
});

test('an empty setting is an absent one', () => {
  const empty = { NODE_ENV: '', HOST: '', PORT: '', DATA_DIR: '', DATABASE_URL: '', REDIS_URL: '', LOG_LEVEL: '' };
  expect(readSettings(empty, '/muster')).toEqual(readSettings({}, '/muster'));
});

test('a relative data folder starts from the repository, an absolute one is taken as it is', () => {
  expect(readSettings({ DATA_DIR: 'here/data' }, '/muster').dataDir).toBe('/muster/here/data');
  expect(readSettings({ DATA_DIR: '/var/lib/muster' }, '/muster').dataDir).toBe('/var/lib/muster');
});

test.each(['-1', '65536', '3e3', '80.5', '0x50', 'http', '٣٠٠٠'])('the port %s is refused', (PORT) => {
  expect(() => readSettings({ PORT }, '/muster')).toThrow('PORT must be a whole number from 0 to 65535');
});

test('every wrong setting is in the one message, and no value, which may be a secret', () => {
  const wrong = {
    NODE_ENV: 'staging',
    PORT: 'x',
    DATABASE_URL: 'mysql://u:secret@h/d',
    REDIS_URL: 'secret',
    LOG_LEVEL: 'loud',
  };
  let message = '';
  try {
    readSettings(wrong, '/muster');
  } catch (error) {
    message = String(error);
  }
  for (const name of Object.keys(wrong)) expect(message).toContain(`${name} must be`);
  expect(message).not.toMatch(/secret|staging|loud/);
});
