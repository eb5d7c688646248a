import { registerEnumType } from '@nestjs/graphql';

/** The form of a file of reports. */
export enum FileFormat {
  CSV = 'CSV',
  XLSX = 'XLSX',
  NDJSON = 'NDJSON',
}
registerEnumType(FileFormat, { name: 'FileFormat', description: 'The form of a file of reports.' });

/** Where an import or export stands: WAITING, then RUNNING, then DONE or FAILED. */
export enum JobStatus {
  WAITING = 'WAITING',
  RUNNING = 'RUNNING',
  DONE = 'DONE',
  FAILED = 'FAILED',
}
registerEnumType(JobStatus, {
  name: 'JobStatus',
  description: 'Where an import or export stands: WAITING, then RUNNING, then DONE or FAILED.',
});
