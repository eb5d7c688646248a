import fc from 'fast-check';
import { MusterError } from '#platform';

import { readFollow, readUnfollow } from './messages.js';

const ID = '0192d7a4-1f00-7000-8000-00000000ABCD';

describe('messages of the live feed', () => {
  it('takes an operation with or without a place to begin, and null as absent', () => {
    expect(readFollow({ operationId: ID })).toEqual({ operationId: ID.toLowerCase() });
    expect(readFollow({ operationId: ID, after: 'x', fromNow: null })).toEqual({
      operationId: ID.toLowerCase(),
      after: 'x',
      fromNow: null,
    });
    expect(readUnfollow({ operationId: ID, more: 1 })).toEqual({ operationId: ID.toLowerCase() });
  });

  it.each([
    undefined,
    null,
    'x',
    1,
    [],
    {},
    [ID],
    { operationId: 1 },
    { operationId: 'x' },
    { operationId: ID, after: 1 },
    { operationId: ID, fromNow: 'yes' },
  ])('refuses %j as bad input', (message) => {
    expect(() => readFollow(message)).toThrow(MusterError);
  });

  it('answers anything at all with a request or with bad input, never with another error', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
        (message) => {
          for (const read of [readFollow, readUnfollow]) {
            try {
              read(message);
            } catch (error) {
              expect(error).toBeInstanceOf(MusterError);
            }
          }
        },
      ),
    );
  });
});
