import type { Readable } from 'node:stream';

import { fileTypeFromStream } from 'file-type';

/** How the copy of a file for those who see the record is made. */
export type Sharing =
  /** Drawn anew from the picture alone. */
  | 'redrawn'
  /** As it is: such a file tells nothing but its content. */
  | 'same'
  /** Not at all: what it tells of its author cannot be taken out safely. */
  | 'none';

/** A kind of file that is taken. */
export interface TakenType {
  readonly mediaType: string;
  readonly extension: string;
  readonly sharing: Sharing;
}

const OFFICE = 'application/vnd.openxmlformats-officedocument';

/**
 * All kinds that are taken. Not among them: what browsers and viewers run (HTML, SVG, scripts, documents with macros), archives, HEIC
 * (its decoder comes with no image library that may be passed on freely; phones send JPEG on request), and video (its place and device data sit in
 * many places, and nothing here takes them out).
 */
const TAKEN: readonly TakenType[] = [
  { mediaType: 'image/jpeg', extension: 'jpg', sharing: 'redrawn' },
  { mediaType: 'image/png', extension: 'png', sharing: 'redrawn' },
  { mediaType: 'image/webp', extension: 'webp', sharing: 'redrawn' },
  { mediaType: 'application/pdf', extension: 'pdf', sharing: 'none' },
  { mediaType: `${OFFICE}.wordprocessingml.document`, extension: 'docx', sharing: 'none' },
  { mediaType: `${OFFICE}.spreadsheetml.sheet`, extension: 'xlsx', sharing: 'none' },
  { mediaType: 'text/plain', extension: 'txt', sharing: 'same' },
];

export const TEXT = 'text/plain';

/** The kind of a media type that was found before. */
export function takenType(mediaType: string): TakenType | undefined {
  return TAKEN.find((type) => type.mediaType === mediaType);
}

/**
 * What a file is, from its content alone; undefined where it is nothing that is taken.
 * @param open gives the content from its beginning, each time anew
 */
export async function findType(open: () => Promise<Readable>): Promise<TakenType | undefined> {
  const content = await open();
  const found = await fileTypeFromStream(content).finally(() => content.destroy());
  if (found) return takenType(found.mime === 'image/apng' ? 'image/png' : found.mime);
  return (await isPlainText(await open())) ? takenType(TEXT) : undefined;
}

/** UTF-8 without control characters, and nothing that looks like markup. */
async function isPlainText(content: Readable): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      const text = decoder.decode(chunk, { stream: true });
      if (/[\u0000-\u0008\u000e-\u001f\u007f]/.test(text)) return false;
      if (isFirst && text.trimStart() !== '') {
        isFirst = false;
        if (text.trimStart().startsWith('<')) return false;
      }
    }
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false; // not UTF-8
    throw error;
  } finally {
    content.destroy();
  }
}
