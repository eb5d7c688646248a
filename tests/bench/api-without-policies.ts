import { Database } from '#platform';

// The api as it is, but as the owner of the tables (OWNER_DATABASE_URL), for whom policies do not hold.
process.env.DATABASE_URL = process.env.OWNER_DATABASE_URL;
Object.assign(Database.prototype, { assertBound: () => Promise.resolve() });
await import('../../apps/api/main.js');
