import { type Faults, requiredText, optionalText } from '#platform';

import type { AttachmentInput } from './attachment.inputs.js';

/** An attachment as it was listed, in its canonical form. */
export interface AttachmentContent {
  readonly id: string;
  /** 64 hexadecimal digits, lower case. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly name: string;
  readonly mediaType: string | null;
}

/** How many attachments a record has at most, and how large they are. */
export interface AttachmentLimits {
  readonly most: number;
  /** Bytes. */
  readonly largest: number;
}

const LONGEST_NAME = 200;
/** Letters that no name needs: they end lines, cut paths, or turn the direction of what follows, so that `gpj.exe` reads `exe.jpg`. */
const UNUSABLE = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069/\\]/u;

/**
 * Reads the attachments that a report lists, in the order of their ids: two writings of one list are the same. Notes what is wrong on
 * the way.
 */
export function readAttachments(
  faults: Faults,
  path: string,
  inputs: readonly AttachmentInput[] | null | undefined,
  limits: AttachmentLimits,
): AttachmentContent[] {
  const listed = inputs ?? [];
  if (listed.length > limits.most) faults.add(path, 'length', `List at most ${limits.most} attachments.`);
  listed.forEach(({ id }, index) => {
    if (listed.findIndex((other) => other.id === id) < index) {
      faults.add(`${path}.${index}.id`, 'unique', 'Two attachments of one record have two ids.');
    }
  });
  const read = listed.map((input, index) => readAttachment(faults, `${path}.${index}`, input, limits));
  return read.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Reads one attachment into its canonical form. */
export function readAttachment(
  faults: Faults,
  path: string,
  input: AttachmentInput,
  { largest }: AttachmentLimits,
): AttachmentContent {
  if (!/^[0-9a-f]{64}$/i.test(input.sha256)) {
    faults.add(`${path}.sha256`, 'sha256', 'Give the SHA-256 of the file in 64 hexadecimal digits.');
  }
  if (input.size < 1 || input.size > largest) {
    faults.add(`${path}.size`, 'range', `Give the size in bytes: from 1 to ${largest}.`);
  }
  if (UNUSABLE.test(input.name)) {
    faults.add(`${path}.name`, 'name', 'Give a name without slashes and control characters.');
  }
  return {
    id: input.id,
    sha256: input.sha256.toLowerCase(),
    size: input.size,
    name: requiredText(faults, `${path}.name`, input.name, LONGEST_NAME),
    mediaType: optionalText(faults, `${path}.mediaType`, input.mediaType, 100),
  };
}

/** The part of a report's content that says its attachments: nothing at all where it has none, as it was before there were any. */
export function listedContent(attachments: readonly AttachmentContent[]): {
  readonly attachments?: readonly AttachmentContent[];
} {
  return attachments.length > 0 ? { attachments } : {};
}
