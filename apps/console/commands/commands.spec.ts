import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { graphql } from '../../../tests/setup/graphql.js';
import { type Muster, startMuster } from '../../../tests/setup/muster.js';
import { ROOT } from '../../../tests/setup/program.js';

interface Ended {
  readonly code: number;
  readonly output: string;
}

let muster: Muster;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-console-'));
  muster = await startMuster({ worker: false });
});

afterAll(async () => {
  await muster?.stop();
  await rm(folder, { recursive: true, force: true });
});

function command(...args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn', DATABASE_URL: muster.databaseUrl };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, 'dist/apps/console/main.js'), ...args], { env }, (error, out, faults) =>
      resolve({ code: error ? Number(error.code) : 0, output: out + faults }),
    );
  });
}

describe('the console', () => {
  it.each([['dance'], [''], ['toString']])('answers %p with the list of commands', async (name) => {
    const { code, output } = await command(name);
    expect(code).toBe(2);
    for (const known of ['migrate', 'create-administrator EMAIL NAME', 'load-rates FILE.csv', 'recount', 'load-demo']) {
      expect(output).toContain(`  ${known} `);
    }
  });

  it('says how a command is called when it was called otherwise', async () => {
    expect(await command('load-rates')).toEqual({ code: 2, output: 'Call it so: load-rates FILE.csv\n' });
  });
});

describe('create-administrator', () => {
  const accept = `mutation ($token: String!) {
    acceptInvitation(token: $token, password: "a long enough password") { accessToken } }`;

  it('prints a token that opens an account of an administrator, and of the last one printed alone', async () => {
    const tokens: string[] = [];
    for (let time = 0; time < 2; time++) {
      const { code, output } = await command('create-administrator', 'Ada@example.org', 'Ada Example');
      expect([code, output]).toEqual([0, expect.stringContaining('ada@example.org administers')]);
      tokens.push(/token: "([^"]+)"/.exec(output)?.[1] ?? '');
    }
    const [first, second] = await Promise.all(
      tokens.map((token) =>
        graphql<{ acceptInvitation: { accessToken: string } | null }>(muster.graphqlUrl, accept, { token }),
      ),
    );
    expect(first?.errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    const { data } = await graphql(
      muster.graphqlUrl,
      '{ me { user { name email } agency { id } grants { role operationId country unitId } } }',
      {},
      second?.data.acceptInvitation?.accessToken,
    );
    expect(data).toEqual({
      me: {
        user: { name: 'Ada Example', email: 'ada@example.org' },
        agency: null,
        grants: [{ role: 'ADMINISTRATOR', operationId: null, country: null, unitId: null }],
      },
    });
    expect(await command('create-administrator', 'ada@example.org', 'Ada Example')).toEqual({
      code: 1,
      output: 'This address has an account.\n',
    });
  });

  it('refuses what is no e-mail address', async () => {
    expect(await command('create-administrator', 'ada', 'Ada Example')).toEqual({
      code: 1,
      output: 'input.email: Give an e-mail address such as name@example.org.\n',
    });
  });
});

describe('reset-account', () => {
  it('prints a token that opens an account anew, and ends what it was opened with', async () => {
    const tokenIn = ({ output }: Ended): string => /token: "([^"]+)"/.exec(output)?.[1] ?? '';
    const accept = async (token: string): Promise<string | undefined> => {
      const { data } = await graphql<{ acceptInvitation: { accessToken: string } | null }>(
        muster.graphqlUrl,
        `
          mutation ($token: String!) {
            acceptInvitation(token: $token, password: "a long enough password") {
              accessToken
            }
          }
        `,
        { token },
      );
      return data.acceptInvitation?.accessToken;
    };
    const codeOfMe = async (token: string | undefined): Promise<unknown> =>
      (await graphql(muster.graphqlUrl, '{ me { user { id } } }', {}, token)).errors[0]?.extensions?.code;
    const before = await accept(tokenIn(await command('create-administrator', 'eve@example.org', 'Eve Example')));
    expect(await codeOfMe(before)).toBeUndefined();
    const reset = await command('reset-account', 'Eve@example.org');
    expect([reset.code, reset.output]).toEqual([0, expect.stringContaining('eve@example.org')]);
    expect(await codeOfMe(before)).toBe('UNAUTHENTICATED');
    expect(await codeOfMe(await accept(tokenIn(reset)))).toBeUndefined();
  });

  it('finds nobody by an address that nobody has', async () => {
    expect(await command('reset-account', 'nobody@example.org')).toEqual({ code: 1, output: 'Not found.\n' });
  });
});

describe('load-rates', () => {
  it('loads a file of rates once, and refuses one that says otherwise', async () => {
    const file = join(folder, 'rates.csv');
    await writeFile(file, 'currency,day,usd\nEUR,2017-06-01,1.1\nKES,2017-06-01,0.0097\n');
    expect(await command('load-rates', file)).toEqual({ code: 0, output: 'Exchange rates: 2 new, 0 known before.\n' });
    expect(await command('load-rates', file)).toEqual({ code: 0, output: 'Exchange rates: 0 new, 2 known before.\n' });
    await writeFile(file, 'currency,day,usd\nEUR,2017-06-01,1.2\n');
    const { code, output } = await command('load-rates', file);
    expect([code, output]).toEqual([1, expect.stringContaining('EUR of 2017-06-01 was loaded as 1.1')]);
  });

  it('says which file is not there', async () => {
    expect(await command('load-rates', join(folder, 'absent.csv'))).toMatchObject({ code: 1 });
  });
});

describe('recount', () => {
  it('finds nothing to differ where nothing was recorded', async () => {
    expect(await command('recount')).toEqual({ code: 0, output: 'The figures agree with the records.\n' });
  });

  it('takes a cursor with its operation alone', async () => {
    expect(await command('recount', 'not-an-id')).toMatchObject({ code: 1 });
  });
});
