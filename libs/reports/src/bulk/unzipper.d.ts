/** What is used of it; the package has no types of its own. */
declare module 'unzipper' {
  import type { Transform } from 'node:stream';

  interface Entry extends AsyncIterable<Buffer> {
    readonly path: string;
  }

  interface Entries extends Transform {
    [Symbol.asyncIterator](): NodeJS.AsyncIterator<Entry>;
  }

  const unzipper: { Parse(options: { readonly forceStream: true }): Entries };
  export default unzipper;
}
