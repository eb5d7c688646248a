import { Audit } from '#audit';
import { Feed, FeedReaders } from '#feed';
import { Clock, Cursors, Database } from '#platform';
import { RetentionRun } from '#reports';
import { Recount } from '#trends';
import { DataSource } from 'typeorm';

import { DiskObjects } from '../../libs/reports/src/attachments/disk-objects.js';
import { openPorts, type Ports, settled } from './ports.js';
import { LOG, type Person, REPORT, type Scene, seizureInput, violationInput } from './scene.js';

/** An operation whose records retention has ended: it is closed since six years, and its owners had time enough. */
export interface EndedOperation extends Ports {
  readonly violationIds: readonly string[];
  readonly seizureId: string;
}

const LEVELS = ['AMBER', 'GREEN', 'AMBER_STRICT', 'RED', 'CLEAR'];

/** Opens an operation, lets its countries report at every sharing level, closes it, and lets the time of its records pass. */
export async function endedOperation(scene: Scene): Promise<EndedOperation> {
  const ports = await openPorts(scene);
  const { operationId, hub, kenya, tanzania, officer, agencies, mombasa } = ports;
  const log = async (by: Person, agencyId: string, level: string): Promise<string> => {
    const input = violationInput(operationId, agencyId, { sharing: { level } });
    return (await by.do<{ id: string }>(LOG, { input })).id;
  };
  const violationIds: string[] = [];
  for (const level of LEVELS) {
    violationIds.push(await log(kenya, agencies.KE, level), await log(tanzania, agencies.TZ, level));
  }
  const { id: seizureId } = await officer.do<{ id: string }>(REPORT, { input: seizureInput(operationId, mombasa) });
  await settled(officer, seizureId);
  await scene.move(hub, operationId, 'POST_OPERATIONAL');
  await scene.move(hub, operationId, 'CLOSED');
  await scene.sql(`UPDATE operations SET closed_at = now() - interval '72 months' WHERE id = $1`, [operationId]);
  await endRecords(scene);
  await scene.sql(`UPDATE retention_notices SET noticed_at = noticed_at - interval '91 days' WHERE operation_id = $1`, [
    operationId,
  ]);
  await endRecords(scene);
  return { ...ports, violationIds, seizureId };
}

/** Does what the worker does each day. */
async function endRecords(scene: Scene): Promise<void> {
  const source = await new DataSource({ type: 'postgres', url: scene.muster.databaseUrl }).initialize();
  const [clock, cursors, database] = [new Clock(), new Cursors(source), new Database(source)];
  await cursors.onModuleInit();
  const recount = new Recount(database, new Feed(clock, cursors, new FeedReaders()));
  const settings = { folder: '', s3: undefined, most: 1, largest: 1, clamdUrl: undefined };
  await new RetentionRun(database, clock, recount, new Audit(clock), new DiskObjects(''), settings).run();
  await source.destroy();
}
