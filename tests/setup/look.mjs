// `npm run test:look -- FOLDER`: starts the PostgreSQL of a test run again, to look at the databases of failed tests.
import { resolve } from 'node:path';
import { EmbeddedPostgres } from '../../dist/apps/launcher/postgres/embedded-postgres.js';

const folder = process.argv[2];
if (!folder) throw new Error('Say which folder: the test run printed it.');
const postgres = await EmbeddedPostgres.prepare(resolve(folder), { say: console.log });
const life = await postgres.begin();
await life.ready;
console.log(`${postgres.adminUrl}\nCtrl-C ends it.`);
process.once('SIGINT', () => void life.stop());
await life.ended;
