/** The only address that the embedded PostgreSQL listens on. */
export const LOOPBACK = '127.0.0.1';

/** The superuser of the embedded PostgreSQL. */
export const ADMIN = 'postgres';

/** The role that Muster works as, and the name of its database: no superuser, so that row-level security holds for it. */
export const MUSTER = 'muster';
