import { Agent, request } from 'node:http';

import { REPORT, seizure } from './reports.js';

/** What a load tells when it has ended. */
export interface LoadResult {
  readonly accepted: number;
  readonly seconds: number;
}

export interface Load {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly operationId: string;
  readonly unitId: string;
  readonly sharing: string;
}

/**
 * Sends single reports over as many connections as there are tokens, each its next when the last is acknowledged, until the time is
 * over.
 * @param mayGoOn asked before each report; the load waits where it says no
 */
export async function sendReports(
  load: Load,
  seconds: number,
  mayGoOn: () => Promise<void> = () => Promise.resolve(),
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.tokens.length });
  const began = performance.now();
  const until = began + seconds * 1000;
  let accepted = 0;
  const one = async (token: string): Promise<void> => {
    while (performance.now() < until) {
      await mayGoOn();
      await send(agent, load, token);
      accepted += 1;
    }
  };
  await Promise.all(load.tokens.map(one));
  agent.destroy();
  return { accepted, seconds: (performance.now() - began) / 1000 };
}

/** Sends one report and waits for its receipt. Gives the report's id. */
export function send(agent: Agent, { url, operationId, unitId, sharing }: Load, token: string): Promise<string> {
  const input = seizure(operationId, unitId, sharing);
  const body = JSON.stringify({ query: REPORT, variables: { input } });
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/graphql`,
      {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          authorization: `Bearer ${token}`,
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (text.includes('"status":"RECEIVED"')) resolve(String(input['id']));
          else reject(new Error(`A report was refused: ${text}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
