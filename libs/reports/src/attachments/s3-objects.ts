import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { S3, type S3ClientConfig } from '@aws-sdk/client-s3';
import { S3Store } from '@tus/s3-store';
import type { S3Settings } from '#platform';

import { Digest } from './digest.js';
import { type ByteRange, type NewObject, type ObjectKind, type ObjectStore, UPLOAD_MS } from './object-store.js';

/** Attachments in an S3-compatible store, which every machine of the installation reaches. */
export class S3Objects implements ObjectStore {
  readonly uploads: S3Store;
  private readonly client: S3;
  private readonly bucket: string;

  constructor({ bucket, endpoint, region, credentials }: S3Settings) {
    const config: S3ClientConfig = {
      region,
      // Stores of one's own have no name for each bucket.
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(credentials === undefined ? {} : { credentials }),
      // Many compatible stores know none of the newer checksums; what is kept is checked against its SHA-256 here.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    };
    this.bucket = bucket;
    this.client = new S3(config);
    this.uploads = new S3Store({
      s3ClientConfig: { ...config, bucket },
      useTags: false,
      expirationPeriodInMilliseconds: UPLOAD_MS,
    });
  }

  prepare(): Promise<void> {
    return Promise.resolve(); // the bucket is made by whoever runs the store
  }

  readUpload(id: string): Promise<Readable | undefined> {
    return this.get(id).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw error;
    });
  }

  async removeUpload(id: string): Promise<void> {
    await this.uploads.remove(id).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
    });
    // Where the parts are gone already the library stops there, and the last part that was too small for S3 it leaves in any case.
    for (const key of [id, `${id}.info`, `${id}.part`]) await this.delete(key);
  }

  async keep(kind: ObjectKind, id: string, { content, ...expected }: NewObject): Promise<boolean> {
    const digest = new Digest();
    const key = keyOf(kind, id);
    try {
      await Promise.all([
        pipeline(content, digest),
        this.client.putObject({ Bucket: this.bucket, Key: key, Body: digest, ContentLength: expected.size }),
      ]);
    } finally {
      content.destroy(); // where the store broke off, nobody reads on
    }
    if (digest.isOf(expected)) return true;
    await this.delete(key);
    return false;
  }

  read(kind: ObjectKind, id: string, range?: ByteRange): Promise<Readable> {
    return this.get(keyOf(kind, id), range);
  }

  remove(kind: ObjectKind, id: string): Promise<void> {
    return this.delete(keyOf(kind, id));
  }

  tidy(): Promise<void> {
    return Promise.resolve(); // an object that was not put whole is not there
  }

  private async get(key: string, range?: ByteRange): Promise<Readable> {
    const part = range ? { Range: `bytes=${range.first}-${range.last}` } : {};
    const { Body } = await this.client.getObject({ Bucket: this.bucket, Key: key, ...part });
    if (!(Body instanceof Readable)) throw new Error('The store answered without a body.');
    return Body;
  }

  /** In S3 there is no fault in deleting what is not there; some compatible stores see one. */
  private async delete(key: string): Promise<void> {
    await this.client.deleteObject({ Bucket: this.bucket, Key: key }).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
    });
  }
}

function keyOf(kind: ObjectKind, id: string): string {
  return `${kind}/${id}`;
}

function isAbsent(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, status_code: status } = error as Record<string, unknown>;
  return status === 404 || ['NoSuchKey', 'NoSuchUpload', 'NotFound'].includes(String(name));
}
