import { readConfig } from './config.js';

const DATABASE_URL = 'postgres://muster_api:s3cret@primary:5432/muster';

const faultsOf = (environment: NodeJS.ProcessEnv): string => {
  try {
    readConfig({ DATABASE_URL, ...environment });
    return '';
  } catch (error) {
    return String(error);
  }
};

test.each([
  ['postgres://standby:5433', 'postgres://muster_api:s3cret@standby:5433/muster'],
  ['postgres://standby/', 'postgres://muster_api:s3cret@standby/muster'],
  [
    'postgres://muster_api@standby/muster?sslmode=verify-full',
    'postgres://muster_api:s3cret@standby/muster?sslmode=verify-full',
  ],
  ['postgres://muster_api:other@standby/copy', 'postgres://muster_api:other@standby/copy'],
])('the replica %s is %s: what it leaves out is as for the database', (DATABASE_REPLICA_URL, replicaUrl) => {
  expect(readConfig({ DATABASE_URL, DATABASE_REPLICA_URL }).replicaUrl).toBe(replicaUrl);
});

test('without a replica there is none', () => {
  expect(readConfig({ DATABASE_URL, DATABASE_REPLICA_URL: '' })).not.toHaveProperty('replicaUrl');
});

test.each(['postgres://muster:s3cret@standby/muster', 'postgres://standby/muster?user=muster&password=s3cret'])(
  'a replica for another role stops the start: nobody has looked whether row-level security holds for it (%s)',
  (url) => {
    const told = faultsOf({ DATABASE_REPLICA_URL: url });
    expect(told).toContain('DATABASE_REPLICA_URL must name the user of DATABASE_URL, or none');
    expect(told).not.toContain('s3cret');
  },
);

test.each([
  ['redis://one:6379', true],
  ['rediss://:pass@one:6379', true],
  ['redis://:pass@one:6379, redis://:pass@two:6379,redis://:pass@three:6379', true],
  ['redis://:pass@one:6379,redis://:other@two:6379', false],
  ['redis://one:6379,rediss://two:6379', false],
  ['redis://one:6379,two:6379', false],
  ['redis://one:6379,', false],
  ['http://one:6379', false],
  ['one', false],
])('the Redis %s: %s', (REDIS_URL, isTaken) => {
  expect(faultsOf({ REDIS_URL })).toMatch(isTaken ? /^$/ : /REDIS_URL must be/);
});
