import { readFileSync } from 'node:fs';

/** What the files of secrets gave. */
export interface SecretFiles {
  readonly environment: NodeJS.ProcessEnv;
  /** Each with the name of its setting first, and never a value. */
  readonly faults: readonly string[];
}

/**
 * Reads each setting X whose X_FILE names a file, as secrets of Docker and Kubernetes are given: they stand in no environment, which
 * every process of the same user can read. The line break that editors leave at the end of a file is no part of the secret.
 * @param names the settings that may be given so; one whose own name is among them, such as DEMO_FILE, is no file of another
 */
export function readSecretFiles(environment: NodeJS.ProcessEnv, names: readonly string[]): SecretFiles {
  const read: NodeJS.ProcessEnv = { ...environment };
  const faults: string[] = [];
  for (const name of names) {
    const fileSetting = `${name}_FILE`;
    const path = environment[fileSetting];
    if (!path || names.includes(fileSetting)) continue;
    delete read[fileSetting];
    if (environment[name]) {
      faults.push(`${name} must not be given beside ${fileSetting}`);
      continue;
    }
    try {
      read[name] = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      faults.push(`${fileSetting} must name a file that can be read (${code})`);
    }
  }
  return { environment: read, faults };
}
