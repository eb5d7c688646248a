import { Writable } from 'node:stream';

import { Logger } from '@nestjs/common';
import { type Level, pino } from 'pino';
import { QueryFailedError } from 'typeorm';

import { NestLogger, SERIALIZERS } from './logging.js';

type Line = Readonly<Record<string, unknown>> & {
  readonly err?: { readonly type: string; readonly message: string; readonly stack?: string; readonly code?: string };
};

const SECRET = 'the narrative of a report';

let printed: string;

const lines = (): Line[] =>
  printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

const line = (): Line => {
  expect(lines()).toHaveLength(1);
  return lines()[0] as Line;
};

const levelOf = ({ level }: Line): Level | undefined => pino.levels.labels[Number(level)] as Level | undefined;

/** As node-postgres and TypeORM throw it, with the values of a row in several of its fields. */
function failedQuery(): Error {
  const driverError = Object.assign(new Error('duplicate key value'), {
    code: '23505',
    detail: `Key (narrative)=(${SECRET}) exists.`,
    constraint: 'violations_pkey',
  });
  return new QueryFailedError('INSERT INTO violations VALUES ($1)', [SECRET], driverError);
}

let output: pino.Logger;

beforeEach(() => {
  printed = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done): void {
      printed += chunk.toString();
      done();
    },
  });
  output = pino({ level: 'trace', serializers: SERIALIZERS }, sink);
  Logger.overrideLogger(new NestLogger(output));
});

test('fields that are given before a text are logged with it, and with the name of who speaks', () => {
  new Logger('Settler').error({ err: failedQuery(), seizureId: 'a1' }, 'A report could not be settled.');
  expect(line()).toMatchObject({
    msg: 'A report could not be settled.',
    context: 'Settler',
    seizureId: 'a1',
    err: { type: 'QueryFailedError', message: 'duplicate key value', code: '23505', constraint: 'violations_pkey' },
  });
  expect(levelOf(line())).toBe('error');
  expect(line().err?.stack).toContain('failedQuery');
  expect(printed).not.toContain(SECRET);
});

test.each([
  ['alone', (error: Error) => new Logger('Feed').error(error)],
  ['with its stack', (error: Error) => new Logger('Feed').error(error, error.stack)],
  ['with its stack by Nest itself', (error: Error) => Logger.error(error, error.stack)],
  ['as a warning', (error: Error) => new Logger('Feed').warn(error)],
  ['after a text', (error: Error) => new Logger('Feed').warn('It failed.', error)],
  ['under any name', (error: Error) => new Logger('Feed').warn({ reason: error, err: error }, 'It failed.')],
])('an error that is logged %s says what it is, and nothing of the values', (_, log) => {
  log(failedQuery());
  expect(line().err).toMatchObject({ type: 'QueryFailedError', message: 'duplicate key value', code: '23505' });
  expect(['duplicate key value', 'It failed.']).toContain(line()['msg']);
  expect(printed).not.toContain(SECRET);
  expect(printed).not.toContain('[object');
});

test('an error that goes to the log directly is described in the same way', () => {
  output.error({ err: new Error('outer', { cause: failedQuery() }) }, 'Not in order.');
  expect(line().err).toMatchObject({ type: 'Error', message: 'outer', cause: { code: '23505' } });
  expect(printed).not.toContain(SECRET);
});

test('what was thrown and is no error is not copied', () => {
  new Logger('Feed').error({ err: { password: SECRET } }, 'It failed.');
  expect(line().err).toMatchObject({ type: 'object' });
  expect(printed).not.toContain(SECRET);
});

test('a text comes out with its stack and the name of who speaks, at its level', () => {
  const { stack } = new Error('down');
  new Logger('TypeOrm').error('Unable to connect.', stack);
  Logger.error('Error during shutdown', stack, 'NestApplicationContext');
  new Logger('Sweep').warn('The sweep failed.');
  new Logger('Sweep').log('Started.');
  new Logger('Sweep').fatal('Over.');
  new Logger('Sweep').verbose('Round.');
  expect(lines().map((each) => [levelOf(each), each['context'], each['msg'], each['stack'] === stack])).toEqual([
    ['error', 'TypeOrm', 'Unable to connect.', true],
    ['error', 'NestApplicationContext', 'Error during shutdown', true],
    ['warn', 'Sweep', 'The sweep failed.', false],
    ['debug', 'Sweep', 'Started.', false],
    ['fatal', 'Sweep', 'Over.', false],
    ['trace', 'Sweep', 'Round.', false],
  ]);
});
