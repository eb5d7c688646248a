import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import type { Sharp } from 'sharp';

/** Larger than any camera's: 48,000 by 2,000, or 10,000 by 10,000. An image that unfolds to more is not opened. */
const MOST_PIXELS = 100_000_000;
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
  const image = sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
    .timeout({ seconds: LONGEST_SECONDS })
    .autoOrient()
    .toColourspace('srgb');
  const drawn = await encode(image, mediaType).catch((error: unknown) => {
    throw new UnreadableImage(String(error));
  });
  await assertTellsNothing(drawn);
  return drawn;
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
