import { GraphQLError } from 'graphql';
import { MusterError } from './errors.js';
import { isUnavailable } from './unavailable.js';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });

describe('what counts as unavailable', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P02', '57P03', '08006', '08001', '08P01'])(
    'an error of code %s may be sent again',
    (code) => {
      expect(isUnavailable(withCode(code))).toBe(true);
    },
  );

  it.each([
    ['53100', 'a disk that is full'],
    ['53200', 'no memory left'],
    ['53300', 'no connection left'],
    ['53400', 'a limit of the server'],
    ['25006', 'a server that is read-only after a failover'],
    ['25P03', 'a transaction that idled for too long'],
    ['55P03', 'a lock that was not to be had in time'],
    ['57014', 'a statement that took too long'],
  ])('%s, %s, passes: the call may be sent again', (code) => {
    expect(isUnavailable(Object.assign(new Error('query failed'), { driverError: withCode(code) }))).toBe(true);
  });

  it.each([
    '23505',
    '42601',
    '40001',
    '25001',
    '25P02',
    '55006',
    '57000',
    '0800',
    '080000',
    '5310',
    'ENOENT',
    'X08006',
  ])('an error of code %s may not', (code) => {
    expect(isUnavailable(withCode(code))).toBe(false);
  });

  it.each([
    'timeout exceeded when trying to connect',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Connection is closed.',
    "Stream isn't writeable and enableOfflineQueue options is false",
  ])('the message %j is known without a code', (message) => {
    expect(isUnavailable(new Error(message))).toBe(true);
  });

  it('a message that only mentions such words is another fault', () => {
    expect(isUnavailable(new Error('narrative: Connection terminated'))).toBe(false);
  });

  it('the reason is found under every kind of wrapping', () => {
    const inner = withCode('ECONNREFUSED');
    expect(isUnavailable(new Error('outer', { cause: inner }))).toBe(true);
    expect(isUnavailable(new AggregateError([new Error('first'), inner]))).toBe(true);
    expect(isUnavailable(Object.assign(new Error('query failed'), { driverError: withCode('57P01') }))).toBe(true);
    expect(isUnavailable(new GraphQLError('located', { originalError: new Error('outer', { cause: inner }) }))).toBe(
      true,
    );
  });

  it('an error that is its own cause ends the search', () => {
    const circle = new Error('round');
    circle.cause = new Error('and round', { cause: circle });
    expect(isUnavailable(circle)).toBe(false);
  });

  it('an answer of ours is judged by its code alone, and what is no error is none', () => {
    expect(isUnavailable(new MusterError('UNAVAILABLE', 'later'))).toBe(true);
    expect(isUnavailable(new MusterError('BAD_USER_INPUT', 'Connection terminated'))).toBe(false);
    expect([undefined, null, 'ECONNREFUSED', 5].map(isUnavailable)).toEqual([false, false, false, false]);
  });
});
