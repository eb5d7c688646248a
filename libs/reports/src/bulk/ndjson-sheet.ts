import { pipeline, Transform } from 'node:stream';

import { errorCode } from '#platform';

import { LIMITS, type OpenFile, type Sheet, type SheetRow, unreadable } from './sheet.js';

/** Reads one object a line, in UTF-8. Its rows have one cell, the line as it came; there is no header. */
export async function openNdjson(open: OpenFile): Promise<Sheet> {
  const file = await open();
  const close = (): Promise<void> => Promise.resolve(void file.destroy());
  return { header: [], is1904: false, rows: rowsOf(lines(file)), close };
}

async function* rowsOf(texts: AsyncIterable<string>): AsyncGenerator<SheetRow> {
  let number = 0;
  for await (const text of texts) {
    number += 1;
    if (number > LIMITS.rows) throw unreadable('rows', `A file has at most ${LIMITS.rows} lines: send it in parts.`);
    if (text.length > LIMITS.line) throw unreadable('line', `Line ${number} is longer than ${LIMITS.line} characters.`);
    if (text.trim() !== '') yield { number, cells: [text] };
  }
}

/** Lines of a file; one without an end is not gathered for longer than a line may be. */
function lines(file: NodeJS.ReadableStream): AsyncIterable<string> {
  const text = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  const split = new Transform({
    readableObjectMode: true,
    transform(chunk: Buffer, _encoding, done) {
      try {
        const parts = (rest + text.decode(chunk, { stream: true })).split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) this.push(part === '' ? ' ' : part);
        if (rest.length > LIMITS.line) throw unreadable('line', `A line has at most ${LIMITS.line} characters.`);
        done();
      } catch (error) {
        done(errorCode(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? notUtf8() : (error as Error));
      }
    },
    flush(done) {
      try {
        rest += text.decode();
        if (rest !== '') this.push(rest);
        done();
      } catch {
        done(notUtf8());
      }
    },
  });
  pipeline(file, split, () => undefined); // an error comes out of the lines
  return split as AsyncIterable<string>;
}

function notUtf8(): Error {
  return unreadable('encoding', 'A file of NDJSON is written in UTF-8.');
}
