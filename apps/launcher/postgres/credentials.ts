import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from '../ports.js';
import { readJson, writePrivately } from '../private-file.js';
import { LOOPBACK } from './loopback.js';

const Credentials = z.object({
  port: z.int(),
  /** Of the superuser, who makes role and database and is not used for anything else. */
  adminPassword: z.string(),
  /** Of the role that Muster works as. */
  password: z.string(),
});

/** How to reach the embedded PostgreSQL. */
export type Credentials = z.infer<typeof Credentials>;

const fileOf = (dataDir: string): string => join(dataDir, 'postgres.json');
const randomPassword = (): string => randomBytes(24).toString('base64url');

/** Makes credentials for a new cluster. */
export async function makeCredentials(): Promise<Credentials> {
  return { port: await freePort(LOOPBACK), adminPassword: randomPassword(), password: randomPassword() };
}

/** Keeps the credentials in the data folder, readable by the owner only. */
export const keepCredentials = (dataDir: string, credentials: Credentials): Promise<void> =>
  writePrivately(fileOf(dataDir), credentials);

/** The credentials that an earlier start kept; undefined when there are none. */
export async function readCredentials(dataDir: string): Promise<Credentials | undefined> {
  return Credentials.safeParse(await readJson(fileOf(dataDir))).data;
}
