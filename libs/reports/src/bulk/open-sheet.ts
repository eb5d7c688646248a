import { openCsv } from './csv-sheet.js';
import { FileFormat } from './job.js';
import { openNdjson } from './ndjson-sheet.js';
import type { OpenFile, Sheet } from './sheet.js';

/** Opens a file of reports. @throws BAD_USER_INPUT, here or while it is read, where it can't be read */
export async function openSheet(format: FileFormat, open: OpenFile): Promise<Sheet> {
  switch (format) {
    case FileFormat.CSV:
      return openCsv(open);
    case FileFormat.XLSX: {
      // It takes memory and time to load: only where it is used.
      const { openXlsx } = await import('./xlsx-sheet.js');
      return openXlsx(open);
    }
    case FileFormat.NDJSON:
      return openNdjson(open);
  }
}
