import { scryptSync } from 'node:crypto';

/** Where the programs find the database, each as its own role. */
export interface RoleUrls {
  readonly api: string;
  readonly worker: string;
}

/**
 * The URLs of the roles that api and worker work as, from the one of the role that owns the database: the same place, the owner's name
 * with `_api` or `_worker`, and a password made from the owner's, from which that can't be found again. Where the owner needs none
 * (the server knows it in another way), neither do they.
 */
export function roleUrls(ownerUrl: string): RoleUrls {
  return { api: roleUrl(ownerUrl, 'api'), worker: roleUrl(ownerUrl, 'worker') };
}

function roleUrl(ownerUrl: string, part: string): string {
  const url = new URL(ownerUrl);
  const name = `${decodeURIComponent(url.username)}_${part}`;
  const password = decodeURIComponent(url.password);
  url.username = encodeURIComponent(name);
  if (password !== '') url.password = scryptSync(password, `muster role ${name}`, 24).toString('base64url');
  return url.href;
}
