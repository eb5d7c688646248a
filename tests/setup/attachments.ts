import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { Upload } from 'tus-js-client';
import { v7 } from 'uuid';

import type { Person } from './scene.js';
import { until } from './until.js';

/** A file that somebody has on a device. */
export interface LocalFile {
  readonly bytes: Buffer;
  /** As a report lists it. */
  readonly listed: {
    readonly id: string;
    readonly sha256: string;
    readonly size: number;
    readonly name: string;
    readonly mediaType?: string;
  };
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export function fileOf(bytes: Buffer, name: string, mediaType?: string): LocalFile {
  const type = mediaType === undefined ? {} : { mediaType };
  return { bytes, listed: { id: v7(), sha256: sha256(bytes), size: bytes.length, name, ...type } };
}

/** A photo as phones make them: turned on its side, with place, device, author and a comment in it. */
export async function photo(width = 600, height = 400): Promise<LocalFile> {
  const noise = Buffer.from(Array.from({ length: width * height * 3 }, () => Math.floor(Math.random() * 256)));
  const bytes = await sharp(noise, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .withExif({
      IFD0: { Make: 'Telltale', Model: 'Snitch 9', Artist: 'Somebody by name', Software: 'camera 1.2' },
      IFD2: { UserComment: 'seen at the back gate', BodySerialNumber: 'SN-4711' },
      IFD3: {
        GPSLatitudeRef: 'S',
        GPSLatitude: '4/1 3/1 3600/100',
        GPSLongitudeRef: 'E',
        GPSLongitude: '39/1 40/1 0/1',
      },
    })
    .withXmp(
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>',
    )
    .withMetadata({ orientation: 6 })
    .toBuffer();
  return fileOf(bytes, 'IMG_0001.jpg', 'image/jpeg');
}

export interface Sending {
  readonly recordId: string;
  readonly file: LocalFile;
  /** Of the server, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly token: string;
  /** Bytes of a part; all in one unless given. */
  readonly part?: number;
  /** What is sent in place of the file's own bytes. */
  readonly bytes?: Buffer;
}

/** Sends a file as a client does that knows tus. Ends when the server has it whole; gives the upload's URL. */
export function send({ recordId, file, url, token, part, bytes = file.bytes }: Sending): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: `${url}/attachments/upload`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { recordId, id: file.listed.id },
      retryDelays: null,
      ...(part === undefined ? {} : { chunkSize: part }),
      onSuccess: () => resolve(upload.url ?? ''),
      onError: reject,
    });
    upload.start();
  });
}

/** One request of tus, as it is. */
export function tus(
  url: string,
  method: string,
  token: string | undefined,
  headers: Readonly<Record<string, string>> = {},
  body?: Buffer,
): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      'tus-resumable': '1.0.0',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': 'application/offset+octet-stream' } : {}),
      ...headers,
    },
    ...(body ? { body: new Uint8Array(body) } : {}),
  });
}

/** Begins an upload and gives its URL. */
export async function begin(url: string, token: string, recordId: string, file: LocalFile): Promise<string> {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const response = await tus(`${url}/attachments/upload`, 'POST', token, {
    'upload-length': String(file.bytes.length),
    'upload-metadata': `recordId ${encode(recordId)},id ${encode(file.listed.id)}`,
  });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return new URL(response.headers.get('location') ?? '', url).href;
}

export interface ToldAttachment {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string | null;
  readonly size: number;
  readonly sha256: string;
  readonly status: string;
  readonly scan: string | null;
  readonly refusal: string | null;
  readonly shared: { readonly mediaType: string; readonly size: number; readonly sha256: string } | null;
}

export interface ToldRecord {
  readonly complete: boolean;
  readonly attachments: readonly ToldAttachment[];
}

const FIELDS = `complete attachments { id name mediaType size sha256 status scan refusal shared { mediaType size sha256 } }`;
export const ATTACHMENTS = `query ($id: UUID!) { violation(id: $id) { ${FIELDS} } }`;
export const SEIZURE_ATTACHMENTS = `query ($id: UUID!) { seizure(id: $id) { ${FIELDS} } }`;
export const ADD = `mutation ($recordId: UUID!, $input: AttachmentInput!) { addAttachment(recordId: $recordId, input: $input) { id status } }`;
export const LINK = `mutation ($recordId: UUID!, $id: UUID!, $original: Boolean! = false) {
  attachmentLink(recordId: $recordId, id: $id, original: $original) { url expiresAt } }`;

/** Waits until an attachment stands as it is to, and gives it as a person sees it. */
export function settledAs(
  person: Person,
  recordId: string,
  id: string,
  status: string,
  { query = ATTACHMENTS, limit = 20_000 }: { readonly query?: string; readonly limit?: number } = {},
): Promise<ToldAttachment> {
  let last: string | undefined;
  return until(
    async () => {
      const { attachments } = await person.do<ToldRecord>(query, { id: recordId });
      const attachment = attachments.find((each) => each.id === id);
      last = JSON.stringify(attachment);
      return attachment?.status === status ? attachment : undefined;
    },
    { limit, what: `attachment ${id} is ${status}` },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; it is ${last}`);
  });
}

/** Opens an attachment as a person does, by a link. */
export async function download(
  person: Person,
  url: string,
  recordId: string,
  id: string,
  original = false,
): Promise<{ readonly response: Response; readonly bytes: Buffer }> {
  const link = await person.do<{ url: string }>(LINK, { recordId, id, original });
  const response = await fetch(new URL(link.url, url));
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}
