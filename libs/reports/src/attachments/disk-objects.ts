import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { FileStore } from '@tus/file-store';
import type { Upload } from '@tus/server';

import { Digest } from './digest.js';
import {
  type ByteRange,
  type NewObject,
  OBJECT_KINDS,
  type ObjectKind,
  type ObjectStore,
  UPLOAD_MS,
} from './object-store.js';

const OWNER_ONLY = 0o600;

/** Keeps uploads in files that nobody but the server's own user can open. */
class PrivateFileStore extends FileStore {
  override async create(upload: Upload): Promise<Upload> {
    const created = await super.create(upload);
    // The folder lets nobody else in meanwhile.
    for (const name of [upload.id, `${upload.id}.json`]) await chmod(join(this.directory, name), OWNER_ONLY);
    return created;
  }
}

/** Attachments in a folder of this machine, or one that all machines of the installation share. */
export class DiskObjects implements ObjectStore {
  private store: FileStore | undefined;

  constructor(private readonly folder: string) {}

  get uploads(): FileStore {
    if (!this.store) throw new Error('The folder of the attachments is not prepared.');
    return this.store;
  }

  async prepare(): Promise<void> {
    if (this.store) return;
    const directory = join(this.folder, 'uploads');
    for (const folder of [directory, ...OBJECT_KINDS.map((kind) => join(this.folder, kind))]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    this.store = new PrivateFileStore({ directory, expirationPeriodInMilliseconds: UPLOAD_MS });
  }

  async readUpload(id: string): Promise<Readable | undefined> {
    const file = await open(join(this.folder, 'uploads', id)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    return file?.createReadStream();
  }

  async removeUpload(id: string): Promise<void> {
    for (const name of [id, `${id}.json`]) await rm(join(this.folder, 'uploads', name), { force: true });
  }

  async keep(kind: ObjectKind, id: string, { content, ...expected }: NewObject): Promise<boolean> {
    await this.prepare();
    const path = this.pathOf(kind, id);
    // Under a name of its own until it is whole and known to be right; then in its place at once.
    const draft = `${path}.${randomUUID()}.draft`;
    try {
      const digest = new Digest();
      // Flushed to the disk before it is closed.
      await pipeline(content, digest, createWriteStream(draft, { flags: 'wx', mode: OWNER_ONLY, flush: true }));
      if (!digest.isOf(expected)) return false;
      await rename(draft, path);
      await syncFolder(join(this.folder, kind));
      return true;
    } finally {
      await rm(draft, { force: true });
    }
  }

  async read(kind: ObjectKind, id: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.pathOf(kind, id));
    return file.createReadStream(range ? { start: range.first, end: range.last } : {});
  }

  async remove(kind: ObjectKind, id: string): Promise<void> {
    await rm(this.pathOf(kind, id), { force: true });
  }

  async tidy(): Promise<void> {
    const before = Date.now() - UPLOAD_MS;
    for (const kind of OBJECT_KINDS) {
      const folder = join(this.folder, kind);
      const names = await readdir(folder).catch(() => []); // there is no folder before the first upload
      for (const path of names.filter((name) => name.endsWith('.draft')).map((name) => join(folder, name))) {
        if ((await stat(path)).mtimeMs < before) await rm(path, { force: true });
      }
    }
  }

  private pathOf(kind: ObjectKind, id: string): string {
    return join(this.folder, kind, id);
  }
}

/** A name that was given to a file lasts when its folder was written. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
