import { takenType } from './content-type.js';

/** The name that a reader's file gets: as listed, with the ending of what it is, whatever ending it was given. */
export function fileName(name: string, mediaType: string): string {
  const ending = takenType(mediaType)?.extension ?? 'bin';
  const hasIt = name.toLowerCase().endsWith(`.${ending}`) || (ending === 'jpg' && /\.jpeg$/i.test(name));
  return hasIt ? name : `${name}.${ending}`;
}

/** `Content-Disposition` for a file that is to be saved and never shown in place (RFC 6266, with the name as RFC 8187 writes it). */
export function dispositionOf(name: string): string {
  const plain = name.replace(/[^\w .-]/g, '_');
  const whole = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}
