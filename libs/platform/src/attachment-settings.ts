import { resolve } from 'node:path';

/** An S3-compatible store. */
export interface S3Settings {
  readonly bucket: string;
  /** Absent: that of Amazon for the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Absent: as the AWS SDK finds them, such as a role of the machine. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/** Where attachments are kept, how many and how large they may be, and what scans them. */
export interface AttachmentSettings {
  /** Folder of the attachments, where no S3 is given. */
  readonly folder: string;
  readonly s3: S3Settings | undefined;
  /** Attachments of one record. */
  readonly most: number;
  /** Bytes of one attachment. */
  readonly largest: number;
  /** Where clamd listens: `tcp://host:port` or `unix:/path`. Absent: attachments are not scanned, and say so. */
  readonly clamdUrl: string | undefined;
}

/** What of the environment says something of attachments, as it was read. */
export interface AttachmentEnvironment {
  readonly DATA_DIR: string;
  readonly ATTACHMENTS_MOST: number;
  readonly ATTACHMENTS_LARGEST_MIB: number;
  readonly ATTACHMENTS_S3_BUCKET?: string | undefined;
  readonly ATTACHMENTS_S3_ENDPOINT?: string | undefined;
  readonly ATTACHMENTS_S3_REGION: string;
  readonly ATTACHMENTS_S3_ACCESS_KEY_ID?: string | undefined;
  readonly ATTACHMENTS_S3_SECRET_ACCESS_KEY?: string | undefined;
  readonly CLAMD_URL?: string | undefined;
}

export function attachmentSettings(environment: AttachmentEnvironment): AttachmentSettings {
  const { ATTACHMENTS_S3_BUCKET: bucket, ATTACHMENTS_S3_ENDPOINT: endpoint } = environment;
  const { ATTACHMENTS_S3_ACCESS_KEY_ID: accessKeyId, ATTACHMENTS_S3_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  const credentials =
    accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey };
  return {
    folder: resolve(environment.DATA_DIR, 'attachments'),
    s3: bucket === undefined ? undefined : { bucket, endpoint, region: environment.ATTACHMENTS_S3_REGION, credentials },
    most: environment.ATTACHMENTS_MOST,
    largest: environment.ATTACHMENTS_LARGEST_MIB * 1024 * 1024,
    clamdUrl: environment.CLAMD_URL,
  };
}

/** What is wrong with the keys of S3: one without the other is forgotten, not meant. */
export function wrongS3Keys(environment: NodeJS.ProcessEnv): readonly string[] {
  const names = ['ATTACHMENTS_S3_ACCESS_KEY_ID', 'ATTACHMENTS_S3_SECRET_ACCESS_KEY'] as const;
  const missing = names.filter((name) => (environment[name] ?? '') === '');
  return missing.length === 1 ? missing.map((name) => `${name} is missing: give both keys of S3, or neither`) : [];
}

/** Whether a text says where clamd listens. */
export function isClamdUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, port, pathname } = new URL(text);
  return protocol === 'unix:' ? pathname.length > 1 : protocol === 'tcp:' && hostname !== '' && port !== '';
}
