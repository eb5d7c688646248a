import { crc32, deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';

import type { Dice } from './dice.js';

/** A file with what has to come of it. */
export interface MadeFile {
  readonly what: string;
  readonly bytes: Buffer;
  readonly name: string;
  /** Of a kind that is taken, and whole: it has to pass. */
  readonly isRight: boolean;
}

/** What stands in the image data of every photo that is made here, and in no copy that is shared. */
export const TELLTALE = 'Telltale4711';

interface Kind {
  readonly what: string;
  readonly name: string;
  readonly bytes: Buffer;
}

/** Right files of the kinds that are taken, as small as they may be. */
export async function rightFiles(dice: Dice): Promise<readonly Kind[]> {
  const [width, height] = [24, 16];
  const image = sharp(dice.bytes(width * height * 3), { raw: { width, height, channels: 3 } }).withExif({
    IFD0: { Make: TELLTALE, Artist: TELLTALE },
    IFD3: { GPSLatitudeRef: 'S', GPSLatitude: '4/1 3/1 3600/100' },
  });
  return [
    { what: 'a photo', name: 'IMG_0001.jpg', bytes: await image.clone().jpeg().toBuffer() },
    { what: 'a PNG', name: 'scan "1"; a=b.PNG', bytes: await image.clone().png().toBuffer() },
    { what: 'a WebP', name: 'снимок.webp', bytes: await image.clone().webp().toBuffer() },
    { what: 'a PDF', name: '..%2f..%2fbill.pdf', bytes: Buffer.from(PDF) },
    { what: 'a text', name: "l'état.txt", bytes: Buffer.from('Seals were broken; Öl im Container.\r\n') },
    { what: 'a document', name: 'report.docx', bytes: wordDocument() },
  ];
}

const PDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj
trailer<</Root 1 0 R>>
%%EOF
`;
const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';
const contentTypes = (more = ''): Buffer =>
  Buffer.from(
    `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="${WORD}"/>${more}</Types>`,
  );

const wordDocument = (): Buffer =>
  zip([
    { name: '[Content_Types].xml', content: contentTypes() },
    { name: 'word/document.xml', content: Buffer.from('<w:document/>') },
  ]);

interface Entry {
  readonly name: string;
  readonly content: Buffer;
}

function zip(entries: readonly Entry[], { isDeflated = false } = {}): Buffer {
  const [locals, central]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, content } of entries) {
    const stored = isDeflated ? Buffer.from(deflateSync(content).subarray(2, -4)) : content;
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(isDeflated ? 8 : 0, 4);
    about.writeUInt32LE(crc32(content), 10);
    about.writeUInt32LE(stored.length, 14);
    about.writeUInt32LE(content.length, 18);
    about.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, Buffer.from(name), stored]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, rest, Buffer.from(name));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end]);
}

/** A grey PNG of any size that unfolds to nothing but zeros. @param rows of pixels that are really there */
function png(width: number, height: number, rows = 1): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(Buffer.concat([Buffer.from(type), data])));
    return Buffer.concat([length, Buffer.from(type), data, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const pixels = deflateSync(Buffer.alloc(Math.min(rows * (width + 1), 2_000_000)));
  return Buffer.concat([PNG_START, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

const PNG_START = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** First bytes of kinds whose readers look far into what follows. */
const BEGINNINGS: readonly Buffer[] = [
  ...[
    '\xff\xd8\xff\xe1\xff\xffExif\0\0MM\0*',
    '\xff\xd8\xff\xe0\0\x10JFIF\0',
    'RIFF\xff\xff\xff\xffWEBPVP8X\x0a\0\0\0',
    'RIFF\0\0\0\0WEBPVP8L',
  ],
  ...['PK\x03\x04', 'PK\x03\x04\x14\0\x08\0\x08\0', 'PK\x05\x06', '%PDF-', 'GIF89a', 'BM', 'II*\0', 'MM\0*'],
  ...['\0\0\0\x18ftypheic', '\0\0\0\0ftypmif1', '\xff\xff\xff\xffftypavif', 'OggS\0\x02', '\x1aE\xdf\xa3', 'fLaC'],
  ...['ID3\x04\0\0\x7f\x7f\x7f\x7f', 'ID3\x03\0\0\0\0\0\0', '\x1f\x8b\x08', 'BZh9', '\xfd7zXZ\0', '7z\xbc\xaf\x27\x1c'],
  ...['0&\xb2u\x8ef\xcf\x11\xa6\xd9', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'MZ', '\x7fELF', '<?xml version="1.0"?>'],
  ...['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">', '<!DOCTYPE html><script>', '#!/bin/sh\n'],
  ...[
    '\xff\xfe',
    '\xfe\xff',
    '\xef\xbb\xbf',
    '\xef\xbb\xbf<html>',
    '\x89PNG\r\n\x1a\n',
    '\x89PNG\r\n\x1a\n\0\0\0\0IEND',
  ],
  ...['8BPS', 'wOF2', 'MThd', '!<arch>\n', 'FLV\x01', '\x00asm', 'SQLite format 3\0', 'ustar', '{\\rtf', '-----BEGIN'],
].map((text) => Buffer.from(text, 'latin1'));

/** Files that are small as they come, and are made to be large, endless or something else when they are opened. */
const TRAPS: readonly ((dice: Dice) => Buffer)[] = [
  (dice) => png(dice.pick([60_000, 0, 1, 2 ** 31 - 1, 2 ** 32 - 1]), dice.pick([60_000, 0, 2 ** 31 - 1])),
  () => png(11_000, 11_000, 11_000),
  () => png(1_400, 1_400, 1_400),
  () => png(1_000_000, 1, 1),
  () => zip([{ name: '[Content_Types].xml', content: Buffer.alloc(8_000_000, ' ') }], { isDeflated: true }),
  () => zip([{ name: '[Content_Types].xml', content: contentTypes('x'.repeat(50_000)) }], { isDeflated: true }),
  (dice) => zip([{ name: '[Content_Types].xml', content: dice.bytes(200) }]),
  () => zip([{ name: '../../../../etc/cron.d/x', content: Buffer.from('x') }]),
  () => zip([{ name: 'mimetype', content: Buffer.from('application/vnd.oasis.opendocument.text') }]),
  (dice) => zip(dice.several(200, 400, () => ({ name: 'a'.repeat(9), content: Buffer.alloc(0) }))),
  () => gzipSync(Buffer.alloc(8_000_000)),
  () => gzipSync(gzipSync(Buffer.alloc(1_000_000))),
  () => gzipSync(Buffer.from('short')).subarray(0, 14),
  () => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>`),
  () => Buffer.from('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
  () => Buffer.from(`  \n ${' '.repeat(70_000)}<script>alert(1)</script>`),
  () => Buffer.concat([Buffer.from('a'.repeat(65_535)), Buffer.from('€'), Buffer.from('a')]),
  () => Buffer.from('\ufeff\u202e\u0085\u2028 a text', 'utf8'),
  () => Buffer.from('a text that ends in the middle of €').subarray(0, -1),
  () => Buffer.alloc(1),
  (dice) => dice.bytes(dice.whole(1, 2_000)),
  (dice) => Buffer.concat([dice.pick(BEGINNINGS), Buffer.alloc(dice.whole(0, 9_000), dice.pick([0, 0xff, 0x41]))]),
];

/** Makes files: right ones, and ones that are not what they say they are. */
export class FileMaker {
  constructor(private readonly right: readonly Kind[]) {}

  make(dice: Dice): MadeFile {
    return dice.chance(0.4) ? this.makeRight(dice) : this.makeOdd(dice);
  }

  makeRight(dice: Dice): MadeFile {
    const { what, name, bytes } = dice.pick(this.right);
    return { what, name, bytes, isRight: true };
  }

  makeOdd(dice: Dice): MadeFile {
    const { what, name, bytes } = dice.pick(this.right);
    const other = dice.pick(this.right).bytes;
    const [made, how] = dice.pick<() => [Buffer, string]>([
      () => [bytes.subarray(0, dice.whole(1, bytes.length - 1)), `${what} cut off`],
      () => [scratched(bytes, dice), `${what} with other bytes in it`],
      () => [scratched(bytes, dice), `${what} with other bytes in it`],
      () => [Buffer.concat([bytes, other]), `${what} with another file behind it`],
      () => [Buffer.concat([bytes, Buffer.from('<script>alert(1)</script>')]), `${what} with a script behind it`],
      () => [Buffer.concat([dice.pick(BEGINNINGS), bytes]), `${what} behind the first bytes of something else`],
      () => [Buffer.concat([dice.pick(BEGINNINGS), dice.bytes(dice.whole(0, 3_000))]), 'first bytes and then noise'],
      () => [dice.pick(TRAPS)(dice), 'a trap'],
      () => [dice.pick(TRAPS)(dice), 'a trap'],
      () => [garbledExif(bytes, dice), `${what} with noise where it tells of itself`],
    ])();
    return { what: how, name, bytes: made, isRight: false };
  }
}

/** Some bytes, or runs of them, are others. */
function scratched(bytes: Buffer, dice: Dice): Buffer {
  const changed = Buffer.from(bytes);
  for (let time = dice.whole(1, 30); time > 0; time -= 1) {
    const at = dice.whole(0, changed.length - 1);
    const end = Math.min(changed.length, at + dice.whole(1, dice.chance(0.1) ? 200 : 3));
    changed.fill(dice.pick([0, 0xff, dice.whole(0, 255)]), at, end);
  }
  return changed;
}

/** Noise in the tables of Exif data, and the picture as it was. */
function garbledExif(bytes: Buffer, dice: Dice): Buffer {
  const start = bytes.indexOf('Exif');
  if (start < 0) return scratched(bytes, dice);
  const changed = Buffer.from(bytes);
  const end = Math.min(changed.length, start + 140);
  for (let time = dice.whole(1, 40); time > 0; time -= 1) changed[dice.whole(start + 6, end - 1)] = dice.whole(0, 255);
  return changed;
}
