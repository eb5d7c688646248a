import { pipeline, type Readable, Transform } from 'node:stream';

import { errorCode } from '#platform';
import { CsvError, parse } from 'csv-parse';

import { asWritten } from './harmless.js';
import { LIMITS, type OpenFile, type Sheet, type SheetRow, sheetOf, unreadable } from './sheet.js';

/** Read to find out how a file is written. */
const BEGINNING = 65_536;

/** How a file is written. */
interface Writing {
  readonly encoding: string;
  readonly delimiter: string;
}

/** Reads CSV as spreadsheets of many countries write it: with commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252. */
export async function openCsv(open: OpenFile): Promise<Sheet> {
  const { encoding, delimiter } = await writingOf(await open());
  const file = await open();
  const parser = parse({
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: false,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: LIMITS.line,
  });
  pipeline(file, decoder(encoding), parser, () => undefined); // an error comes out of the parser
  return sheetOf(rowsOf(parser));
}

async function* rowsOf(records: AsyncIterable<string[]>): AsyncGenerator<SheetRow> {
  let number = 0;
  try {
    for await (const record of records) yield { number: ++number, cells: record.map(asWritten) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw unreadable('form', `The file can't be read on as CSV: ${error.message}.`);
  }
}

/** UTF-8 where all of the file is, or else what its mark says, or else Windows-1252. */
async function writingOf(file: Readable): Promise<Writing> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let encoding: string | undefined;
  let beginning = Buffer.alloc(0);
  try {
    for await (const chunk of file as AsyncIterable<Buffer>) {
      if (beginning.length < BEGINNING) beginning = Buffer.concat([beginning, chunk]).subarray(0, BEGINNING);
      encoding ??= markOf(beginning);
      if (encoding === undefined) utf8.decode(chunk, { stream: true });
      else if (beginning.length >= BEGINNING) break;
    }
    if (encoding === undefined) utf8.decode();
  } catch (error) {
    if (errorCode(error) !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    encoding = 'windows-1252';
  } finally {
    file.destroy();
  }
  encoding ??= 'utf-8';
  return { encoding, delimiter: delimiterOf(new TextDecoder(encoding).decode(beginning)) };
}

function markOf(beginning: Buffer): string | undefined {
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return 'utf-16le';
  return beginning[0] === 0xfe && beginning[1] === 0xff ? 'utf-16be' : undefined;
}

/** The mark that stands most often in the header, outside of quotes. */
function delimiterOf(beginning: string): string {
  const header = (/^[\uFEFF\r\n]*([^\r\n]*)/.exec(beginning)?.[1] ?? '').replace(/"[^"]*"/g, '');
  const count = (mark: string): number => header.split(mark).length;
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

function decoder(encoding: string): Transform {
  const text = new TextDecoder(encoding);
  return new Transform({
    decodeStrings: true,
    transform(chunk: Buffer, _encoding, done) {
      done(null, text.decode(chunk, { stream: true }));
    },
    flush(done) {
      done(null, text.decode());
    },
  });
}
