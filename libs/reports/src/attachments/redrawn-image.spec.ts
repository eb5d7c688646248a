import { Readable } from 'node:stream';

import sharp from 'sharp';

import { redraw, UnreadableImage } from './redrawn-image.js';

/** One colour, that packs to almost nothing. */
const picture = (side: number, depth: 'rgb16' | 'srgb'): Promise<Buffer> =>
  sharp({ create: { width: side, height: side, channels: 4, background: '#0008' } })
    .toColourspace(depth)
    .png({ compressionLevel: 1 })
    .toBuffer();

test('an image of few pixels that unfold to too many bytes is not opened', async () => {
  const deep = redraw(Readable.from([await picture(4_200, 'rgb16')]), 'image/png');
  await expect(deep).rejects.toThrow(UnreadableImage);
  await expect(deep).rejects.toThrow('Unfolded');
}, 60_000);

test('an image within the bound is drawn', async () => {
  const drawn = await redraw(Readable.from([await picture(300, 'rgb16')]), 'image/png');
  expect(await sharp(drawn).metadata()).toMatchObject({ width: 300, height: 300, format: 'png' });
});

test('what is no image is not opened', async () => {
  await expect(redraw(Readable.from([Buffer.from('words')]), 'image/png')).rejects.toThrow(UnreadableImage);
});
