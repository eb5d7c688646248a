import type { Provider } from '@nestjs/common';
import { type AttachmentSettings, CONFIG, type Config } from '#platform';

import { DiskObjects } from './disk-objects.js';
import { OBJECT_STORE, type ObjectStore } from './object-store.js';

/** Injection token of the {@link AttachmentSettings}. */
export const ATTACHMENT_SETTINGS = Symbol('ATTACHMENT_SETTINGS');

/** What holds where a process was given no settings for attachments: it lists them, and keeps none. */
const NONE: AttachmentSettings = {
  folder: '',
  s3: undefined,
  most: 20,
  largest: 50 * 1024 * 1024,
  clamdUrl: undefined,
};

/** The settings of attachments and the store that they name. */
export const ATTACHMENT_PROVIDERS: Provider[] = [
  {
    provide: ATTACHMENT_SETTINGS,
    inject: [CONFIG],
    useFactory: ({ attachments }: Config): AttachmentSettings => attachments ?? NONE,
  },
  {
    provide: OBJECT_STORE,
    inject: [ATTACHMENT_SETTINGS],
    useFactory: async ({ s3, folder }: AttachmentSettings): Promise<ObjectStore> => {
      if (!s3) return new DiskObjects(folder);
      // The AWS SDK takes memory and time to load: only where it is used.
      const { S3Objects } = await import('./s3-objects.js');
      return new S3Objects(s3);
    },
  },
];
