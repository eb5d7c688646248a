import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { Stage } from './stage.js';

/** A verification that keeps what it has read would end here. */
const HEAP = '--max-old-space-size=128';

/**
 * `node dist/tests/bench/audit.js [ENTRIES]`: how fast a backlog of entries is sealed by the worker, and how long and with how
 * much memory `audit:verify` checks it; a million unless said otherwise. Ends with 1 where the log is not whole.
 */
const count = Number(process.argv[2] ?? 1_000_000);

const stage = await Stage.set();
try {
  const { operationId: chain } = await stage.operation();
  await stage.sql(
    `INSERT INTO audit_entries (operation_id, at, actor_id, action, subject_id, version, details)
     SELECT $1, now(), gen_random_uuid(), 'violation.corrected', gen_random_uuid(), 2,
       jsonb_build_object('reason', 'Weighed again: ' || i, 'changes', jsonb_build_object('persons', jsonb_build_array(i, i + 1)))
     FROM generate_series(1, $2::int) i`,
    [chain, count],
  );
  await stage.sql('VACUUM ANALYZE audit_entries');
  const began = performance.now();
  await stage.start();
  await sealed(chain);
  const seconds = (performance.now() - began) / 1000;
  console.log(`Sealed: ${count} entries in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} 1/s`);
  process.exitCode = await verify();
} finally {
  await stage.end();
}

async function sealed(chain: string): Promise<void> {
  for (;;) {
    const [row] = await stage.sql<{ count: string | null }>(
      `SELECT max(seq) AS count FROM audit_seals WHERE chain = $1`,
      [chain],
    );
    if (Number(row?.count) === count) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function verify(): Promise<number> {
  const began = performance.now();
  const program = join(import.meta.dirname, '..', '..', 'apps', 'console', 'main.js');
  const measured = `process.on('exit', () => console.log('Memory, most: ' + Math.round(process.resourceUsage().maxRSS / 1024) + ' MiB'))`;
  const child = spawn(
    process.execPath,
    [HEAP, '--import', `data:text/javascript,${measured}`, program, 'audit:verify'],
    {
      env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn', DATABASE_URL: stage.databaseUrl },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      console.log(`Verified in ${((performance.now() - began) / 1000).toFixed(1)} s`);
      resolve(code ?? 1);
    });
  });
}
