import pg from 'pg';
import { v7 } from 'uuid';

const CONNECTIONS = 16;

/** The baseline: how many rows of a width PostgreSQL takes in a second, each in one prepared INSERT of its own commit. */
export async function rawInserts(databaseUrl: string, width: number, seconds: number): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      return client;
    }),
  );
  await clients[0]?.query('CREATE TABLE IF NOT EXISTS bench_raw (id uuid PRIMARY KEY, body text NOT NULL)');
  const body = 'x'.repeat(Math.max(0, width - 44)); // a row has 24 bytes of its own, an id of 16 and 4 of the text's length
  const began = performance.now();
  const until = began + seconds * 1000;
  let rows = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < until) {
        await client.query({
          name: 'raw',
          text: 'INSERT INTO bench_raw (id, body) VALUES ($1, $2)',
          values: [v7(), body],
        });
        rows += 1;
      }
    }),
  );
  const rate = rows / ((performance.now() - began) / 1000);
  await clients[0]?.query('TRUNCATE bench_raw');
  await Promise.all(clients.map((client) => client.end()));
  return rate;
}
