import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Clock } from '#platform';
import { DataSource } from 'typeorm';

import {
  actionFindings,
  actionViolations,
  containerControl,
  containerControlSeizures,
  demeter,
  type DemoFindings,
  type DemoOperation,
  type DemoSeizure,
  type DemoViolation,
  seaSeizures,
  seaViolations,
  thirtyDaysAtSea,
  thirtyDaysOfAction,
} from '../demo/index.js';
import type { Cast } from './cast.js';
import { type DemoFile, demoFileFor, type DemoSignIn, readDemoFile, signInsOf, writeDemoFile } from './demo-file.js';
import { DemoNotes, type Noted } from './demo-notes.js';
import { OperationLoader } from './operation-loader.js';
import { PeopleLoader } from './people-loader.js';
import { RecordLoader } from './record-loader.js';
import { SeaAdvance } from './sea-advance.js';

/** One operation of the demo with all that is recorded in it. */
interface Story {
  readonly operation: DemoOperation;
  readonly violations: readonly DemoViolation[];
  readonly seizures: readonly DemoSeizure[];
  readonly findings: readonly DemoFindings[];
}

/**
 * Loads the demo operations once. Every step finds what an earlier load did, so a load that was broken off at any instant is
 * completed by the next: the instant of the first start, which everything else follows from, is kept before anything is loaded.
 */
@Injectable()
export class DemoLoader {
  constructor(
    @InjectDataSource() private readonly source: DataSource,
    private readonly clock: Clock,
    private readonly notes: DemoNotes,
    private readonly people: PeopleLoader,
    private readonly operations: OperationLoader,
    private readonly records: RecordLoader,
    private readonly sea: SeaAdvance,
  ) {}

  /** @param path of demo.json */
  async load(path: string): Promise<void> {
    await this.alone(async () => {
      const noted = await this.notes.read();
      const file = await this.keepFile(path, noted);
      const signIns = signInsOf(file);
      let { seaId } = noted;
      if (seaId === undefined) {
        seaId = await this.loadAll(file, signIns, noted);
      } else if (noted.passwordsOf !== file.id) {
        await this.people.setSignIns(signIns);
        await this.notes.write('demo.passwords-set', { file: file.id });
        console.log('The demo accounts have new passwords.');
      }
      if (file.loadedAt === null) await writeDemoFile(path, { ...file, loadedAt: this.clock.now() });
      await this.moveOn(seaId);
    });
  }

  /**
   * Puts demo.json in place before anything is loaded. A database that has begun knows the first start; a file that tells of a
   * load of which the database knows nothing belongs to another database, and this is the first start of this one.
   */
  private async keepFile(path: string, noted: Noted): Promise<DemoFile> {
    const present = await readDemoFile(path);
    const begun = present?.loadedAt === null ? present.firstStart : undefined;
    const wanted = demoFileFor(noted.firstStart ?? begun ?? this.clock.now(), present);
    const isLoaded = noted.seaId !== undefined && present?.id === wanted.id;
    const file = { ...wanted, loadedAt: isLoaded ? present.loadedAt : null };
    if (JSON.stringify(file) !== JSON.stringify(present)) await writeDemoFile(path, file);
    return file;
  }

  private async loadAll(file: DemoFile, signIns: ReadonlyMap<string, DemoSignIn>, noted: Noted): Promise<string> {
    const { firstStart } = file;
    if (noted.firstStart === undefined) await this.notes.write('demo.begun', { firstStart: firstStart.toISOString() });
    const arePasswordsSet = noted.passwordsOf === file.id;
    const cast = await this.people.load(firstStart, signIns, arePasswordsSet);
    if (!arePasswordsSet) await this.notes.write('demo.passwords-set', { file: file.id });
    console.log(`Demo accounts: ${signIns.size}`);
    const ids = new Map<string, string>();
    for (const story of stories(firstStart)) ids.set(story.operation.key, await this.tell(cast, story));
    const seaId = ids.get('SEA');
    if (seaId === undefined) throw new Error('The demo has no operation at sea.');
    await this.notes.write('demo.loaded', { seaId });
    return seaId;
  }

  private async tell(cast: Cast, { operation, violations, seizures, findings }: Story): Promise<string> {
    const id = await this.operations.open(cast, operation);
    await this.records.load(cast, id, violations, seizures);
    await this.operations.close(cast, id, operation, findings);
    console.log(`${operation.input.codeName}: ${violations.length} violations, ${seizures.length} seizure reports`);
    return id;
  }

  private async moveOn(seaId: string): Promise<void> {
    const said = await this.sea.advance(seaId);
    if (said !== undefined) console.log(said);
  }

  /** Two starts on one database load one after the other, and the second finds everything there. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    try {
      await runner.query(`SELECT pg_advisory_lock(hashtextextended('muster demo', 0))`);
      const result = await work();
      await runner.query(`SELECT pg_advisory_unlock(hashtextextended('muster demo', 0))`);
      return result;
    } finally {
      await runner.release();
    }
  }
}

function stories(firstStart: Date): Story[] {
  return [
    {
      operation: thirtyDaysOfAction,
      violations: actionViolations(),
      seizures: [],
      findings: actionFindings,
    },
    {
      operation: containerControl(firstStart),
      violations: [],
      seizures: containerControlSeizures(firstStart),
      findings: [],
    },
    {
      operation: thirtyDaysAtSea(firstStart),
      violations: seaViolations(firstStart),
      seizures: seaSeizures(firstStart),
      findings: [],
    },
    { operation: demeter(firstStart), violations: [], seizures: [], findings: [] },
  ];
}
