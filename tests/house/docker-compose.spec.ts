import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readConfig } from '#platform';
import { ROOT } from '../setup/program.js';

interface Service {
  readonly image?: string;
  readonly restart: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const { services, volumes } = parse(text, { merge: true }) as Compose;
const service = (name: string): Service => {
  const found = services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

const GIVEN: Readonly<Record<string, string>> = {
  POSTGRES_PASSWORD: 'first-secret',
  MUSTER_PASSWORD: 'second-secret',
  API_PASSWORD: 'the-secret-of-the-api',
  WORKER_PASSWORD: 'the-secret-of-the-worker',
  REDIS_PASSWORD: 'third-secret',
};

const SETTINGS: Readonly<Record<string, string>> = {
  PUBLIC_URL: 'https://muster.example',
  TRUST_PROXY: '172.16.0.0/12',
};

/** Secrets that Muster does without, or makes by itself. */
const OPTIONAL = new Set([
  'ENCRYPTION_KEY',
  'AUDIT_SIGNING_KEY',
  'ATTACHMENTS_S3_ACCESS_KEY_ID',
  'ATTACHMENTS_S3_SECRET_ACCESS_KEY',
]);

/** What Docker Compose makes of `${NAME:-default}` and `${NAME:?message}`, with nothing given but what must be. */
function fillIn(value: string | number): string {
  return String(value).replace(
    /\$\{(\w+):([-?])([^}]*)\}/g,
    (_, name: string, kind: string, rest: string) =>
      GIVEN[name] ?? SETTINGS[name] ?? (kind === '-' ? rest : `(${name} is missing)`),
  );
}

const environmentOf = (name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(service(name).environment).map(([key, value]) => [key, fillIn(value)]));

test.each([
  ['api', 'muster_api', 'the-secret-of-the-api'],
  ['worker', 'muster_worker', 'the-secret-of-the-worker'],
  ['migrate', 'muster', 'second-secret'],
])(
  '%s gets settings that Muster takes, for production on real servers, and works as a role of its own',
  (name, username, password) => {
    const config = readConfig(environmentOf(name));
    expect(config).toMatchObject({
      production: true,
      host: '0.0.0.0',
      port: 3000,
      publicUrl: 'https://muster.example',
    });
    expect(config.trustedProxies).toEqual(['172.16.0.0/12']);
    expect(new URL(config.databaseUrl)).toMatchObject({ hostname: 'postgres', username, password });
    const { api, worker } = name === 'migrate' ? (config.roleUrls ?? {}) : { api: undefined, worker: undefined };
    expect([api, worker].map((url) => url && new URL(url).username)).toEqual(
      name === 'migrate' ? ['muster_api', 'muster_worker'] : [undefined, undefined],
    );
    expect(new URL(config.redisUrl ?? '')).toMatchObject({ hostname: 'redis', password: 'third-secret' });
  },
);

test('names no setting that Muster does not read', () => {
  const source = readFileSync(join(ROOT, 'libs', 'platform', 'src', 'config.ts'), 'utf8');
  const known = new Set([...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+): (?:z|listOf)\b/gm)].map(([, name]) => name));
  for (const name of ['api', 'worker', 'migrate']) {
    expect(Object.keys(service(name).environment).filter((key) => !known.has(key))).toEqual([]);
  }
});

test('has no secret of its own: each has to be given', () => {
  const uses = [...text.matchAll(/\$\{(\w+):?([-?]?)/g)].map(([, name = '', kind]) => ({ name, kind }));
  const secrets = uses.filter(({ name }) => /PASSWORD|SECRET|TOKEN|KEY/.test(name) && !OPTIONAL.has(name));
  expect(new Set(secrets.map(({ name }) => name))).toEqual(new Set(Object.keys(GIVEN)));
  expect(secrets.filter(({ kind }) => kind !== '?')).toEqual([]);
  for (const { environment } of Object.values(services)) {
    for (const [key, value] of Object.entries(environment)) {
      if (OPTIONAL.has(key)) expect(value).toBe(`\${${key}:-}`);
      else if (/PASSWORD|SECRET|TOKEN|KEY|AUTH$/.test(key)) expect(value).toMatch(/^\$\{\w+:\?/);
      // The password within a URL.
      if (/:\/\//.test(String(value))) expect(value).toMatch(/:\$\{\w+:\?[^}]*\}@/);
    }
  }
});

test('passes on every setting that is for whoever runs it', () => {
  const example = Object.keys(service('api').environment);
  expect(example).toEqual(
    expect.arrayContaining([
      'PUBLIC_URL',
      'TRUST_PROXY',
      'ALLOWED_ORIGINS',
      'PERSISTED_OPERATIONS',
      'SESSION_DAYS',
      ...OPTIONAL,
    ]),
  );
  for (const name of Object.keys(SETTINGS)) expect(text).toContain(`\${${name}:?`);
});

test('says of every server how its health is seen, and starts it again', () => {
  for (const name of ['postgres', 'redis', 'api', 'worker']) {
    expect(service(name).healthcheck?.test.length).toBeGreaterThan(1);
    expect(service(name).restart).toBe('unless-stopped');
  }
  expect(service('api').healthcheck?.test.join(' ')).toContain('/health/ready');
});

test('starts api and worker when the servers are healthy and the database is migrated', () => {
  for (const name of ['api', 'worker']) {
    expect(service(name).depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
    });
  }
  expect(service('migrate').command.at(-1)).toBe('migrate');
});

test('keeps the data of both servers in volumes, and lets Redis drop no key to make room', () => {
  for (const name of ['postgres', 'redis']) {
    expect(service(name).volumes?.some((volume) => volume.startsWith(`${name}:`))).toBe(true);
    expect(Object.keys(volumes)).toContain(name);
  }
  expect(service('redis').command.join(' ')).toContain('--maxmemory-policy noeviction');
  expect(service('redis').command.join(' ')).toContain('--appendonly yes');
});

test('opens no port beyond the machine itself', () => {
  const ports = Object.values(services).flatMap((one) => one.ports ?? []);
  expect(ports.length).toBeGreaterThan(0);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});
