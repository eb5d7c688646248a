import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

/** Passes bytes on, and knows their number and SHA-256 when all have passed. */
export class Digest extends Transform {
  private readonly hash = createHash('sha256');
  /** Bytes so far. */
  size = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.hash.update(chunk);
    this.size += chunk.length;
    done(null, chunk);
  }

  /** To be asked once, when all have passed. */
  isOf({ size, sha256 }: { readonly size: number; readonly sha256: Buffer }): boolean {
    return this.size === size && this.hash.digest().equals(sha256);
  }
}
