import type { Readable } from 'node:stream';

import type { DataStore } from '@tus/server';

/**
 * What an object is: the sealed original of an attachment, or its copy for those who see the record; a file that was brought to be imported, or
 * one of what was refused of it; a file that somebody exported.
 */
export const OBJECT_KINDS = ['originals', 'shared', 'imports', 'refused', 'exports'] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** A part of an object: bytes from the first to the last, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** What is to be kept, and what it must be. */
export interface NewObject {
  readonly content: Readable;
  /** Bytes. */
  readonly size: number;
  readonly sha256: Buffer;
}

/**
 * Where the bytes of files lie that come up, go out, or hang on records, the same for every process. An object is kept under an id that the
 * server made, whole or not at all, and is never changed.
 */
export interface ObjectStore {
  /** Unfinished uploads, as the tus server keeps them. */
  readonly uploads: DataStore;

  /** Makes the store ready to be written to; may be called any number of times. */
  prepare(): Promise<void>;

  /** The bytes of an upload; undefined where it was removed. */
  readUpload(id: string): Promise<Readable | undefined>;

  /** Removes what is left of an upload; nothing happens where there is nothing. */
  removeUpload(id: string): Promise<void>;

  /**
   * Keeps an object. It is durable when this returns.
   * @returns false where its content is not of that size and SHA-256; nothing is kept then
   */
  keep(kind: ObjectKind, id: string, object: NewObject): Promise<boolean>;

  read(kind: ObjectKind, id: string, range?: ByteRange): Promise<Readable>;

  /** Removes an object; nothing happens where there is none. */
  remove(kind: ObjectKind, id: string): Promise<void>;

  /** Removes what a process left that died while it kept an object. */
  tidy(): Promise<void>;
}

/** Injection token of the {@link ObjectStore}. */
export const OBJECT_STORE = Symbol('OBJECT_STORE');

/** How long an upload may take, and what is left of one is kept. */
export const UPLOAD_HOURS = 24;
export const UPLOAD_MS = UPLOAD_HOURS * 60 * 60 * 1000;
