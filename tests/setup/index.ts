export { testDatabase, type TestDatabase } from './database.js';
export { graphql, type GraphqlAnswer, type GraphqlError } from './graphql.js';
export { startMuster, type Muster, type MusterOptions } from './muster.js';
export { ROOT, type Program } from './program.js';
export { describeOnRedis, redisProgram, startRedis, type TestRedis } from './redis.js';
export { until } from './until.js';
