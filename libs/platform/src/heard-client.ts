import pg from 'pg';

/**
 * A connection to PostgreSQL that always has somebody who hears its errors. What the server says that answers no statement comes as an event,
 * and an event of an error that nobody hears ends the process. Pool and TypeORM listen in turn, but a server that ends in the very packet that
 * says it is ready is heard by neither. Whoever uses the connection next gets the error all the same.
 */
export class HeardClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
