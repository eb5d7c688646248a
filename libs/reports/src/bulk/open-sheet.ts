import { openCsv } from './csv-sheet.js';
import { ImportFormat } from './import.js';
import { openNdjson } from './ndjson-sheet.js';
import type { OpenFile, Sheet } from './sheet.js';

/** Opens a file of reports. @throws BAD_USER_INPUT, here or while it is read, where it can't be read */
export async function openSheet(format: ImportFormat, open: OpenFile): Promise<Sheet> {
  switch (format) {
    case ImportFormat.CSV:
      return openCsv(open);
    case ImportFormat.XLSX: {
      // It takes memory and time to load: only where it is used.
      const { openXlsx } = await import('./xlsx-sheet.js');
      return openXlsx(open);
    }
    case ImportFormat.NDJSON:
      return openNdjson(open);
  }
}
