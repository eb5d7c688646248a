import { Writable } from 'node:stream';

import { writeXlsx } from './xlsx-file.js';

/** A disk that has room for so many bytes, or can't close the file. */
function disk(room: number, closes = true): Writable {
  let size = 0;
  return new Writable({
    write(chunk: Buffer, _, done) {
      size += chunk.length;
      done(size > room ? new Error('No space left on device.') : null);
    },
    final: (done) => done(closes ? null : new Error('It can not be closed.')),
  });
}

/** Rows that don't press together well. */
async function* rows(count: number): AsyncGenerator<string[]> {
  for (let row = 0; row < count; row++) {
    yield Array.from({ length: 10 }, () => crypto.randomUUID());
    if (row % 100 === 0) await new Promise(setImmediate);
  }
}

test.each([
  ['is full from the beginning', disk(0), 50_000],
  ['is full in the middle', disk(1_000_000), 50_000],
  ['is full at the end', disk(0), 1],
  ['can not close the file', disk(Infinity, false), 1],
])('where the disk %s a workbook ends with that error, and at once', async (_, file, count) => {
  let read = 0;
  const counted = (async function* () {
    for await (const row of rows(count)) {
      read++;
      yield row;
    }
  })();
  await expect(writeXlsx(file, 'Violations', counted)).rejects.toThrow(/No space|not be closed/);
  if (count > 1) expect(read).toBeLessThan(count);
});

test('where the disk goes away behind the last row, the workbook does not wait for it', async () => {
  const file = disk(Infinity);
  const all = (async function* () {
    yield* rows(1);
    file.destroy(new Error('The disk is gone.'));
    await new Promise(setImmediate);
  })();
  await expect(writeXlsx(file, 'Violations', all)).rejects.toThrow('The disk is gone.');
});
