import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import type { Metadata, Sharp } from 'sharp';

/** An image that unfolds to more is not opened. */
const MOST_PIXELS = 100_000_000;
/** What its pixels may take when unfolded, over all its pages: some 44 million pixels of three colours. What draws it takes a multiple. */
const MOST_BYTES = 128 * 1024 * 1024;
/** Of one channel of a pixel, by libvips's name of the number. */
const CHANNEL_BYTES: Readonly<Record<string, number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  complex: 8,
  double: 8,
  dpcomplex: 16,
};
const LONGEST_SECONDS = 60;

/** An image that cannot be opened, or is too large when opened. */
export class UnreadableImage extends Error {}

/**
 * Draws an image anew from its pixels, turned as its orientation says: nothing else of the file is in the result, no place, no device, no
 * thumbnail, no text, no colour profile (colours are brought to sRGB).
 * @throws UnreadableImage
 */
export async function redraw(content: Readable, mediaType: string): Promise<Buffer> {
  const bytes = await buffer(content);
  // Loaded when the first image comes: it takes memory that most processes never need.
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1); // reports are settled on the same processors
  const options = { limitInputPixels: MOST_PIXELS, failOn: 'error' } as const;
  const head = await sharp(bytes, options).metadata().catch(unreadable);
  if (unfoldedBytes(head) > MOST_BYTES) throw new UnreadableImage(`Unfolded it takes more than ${MOST_BYTES} bytes.`);
  const image = sharp(bytes, options).timeout({ seconds: LONGEST_SECONDS }).autoOrient().toColourspace('srgb');
  const drawn = await encode(image, mediaType).catch(unreadable);
  await assertTellsNothing(drawn);
  return drawn;
}

function unreadable(error: unknown): never {
  throw new UnreadableImage(String(error));
}

/** From its head alone, which says all of it before a pixel is unfolded. */
function unfoldedBytes({ width, height, channels, depth, pages = 1 }: Metadata): number {
  return width * height * channels * (CHANNEL_BYTES[depth] ?? 16) * pages;
}

function encode(image: Sharp, mediaType: string): Promise<Buffer> {
  switch (mediaType) {
    case 'image/png':
      return image.png().toBuffer();
    case 'image/webp':
      return image.webp({ quality: 90 }).toBuffer();
    default:
      return image.jpeg({ quality: 90 }).toBuffer();
  }
}

/** A look at what is about to be shared by another library than the one that made it. */
async function assertTellsNothing(drawn: Buffer): Promise<void> {
  const { default: exifr } = await import('exifr');
  const all = { tiff: true, exif: true, gps: true, xmp: true, iptc: true, icc: false, ihdr: false, jfif: false };
  const told: unknown = await exifr.parse(drawn, all).catch(() => undefined);
  const names = typeof told === 'object' && told !== null ? Object.keys(told) : [];
  if (names.length > 0) throw new Error(`A redrawn image still tells of ${names.join(', ')}.`);
}
