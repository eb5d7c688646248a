import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Database, partOfMuster, query } from '#platform';

/** Names the demo in the audit log. */
const DEMO = '01890000-0000-7000-8000-00000000de40';

/** Who writes what no person of the demo does. */
export const DEMO_LOADER = partOfMuster('demo');

/** What the database knows of the demo: how far it was loaded, and from which file. */
export interface Noted {
  readonly firstStart: Date | undefined;
  /** The demo.json that the passwords of the accounts are those of. */
  readonly passwordsOf: string | undefined;
  /** The operation whose end is moved on; known once everything is loaded. */
  readonly seaId: string | undefined;
}

interface NoteRow {
  readonly action: 'demo.begun' | 'demo.passwords-set' | 'demo.loaded';
  readonly details: { readonly firstStart?: string; readonly file?: string; readonly seaId?: string };
}

/** Keeps in the audit log, which lives and dies with the database, how far the demo was loaded. */
@Injectable()
export class DemoNotes {
  constructor(
    private readonly database: Database,
    private readonly audit: Audit,
  ) {}

  async read(): Promise<Noted> {
    const rows = await this.database.read(DEMO_LOADER, (tx) =>
      query<NoteRow>(tx, 'SELECT action, details FROM audit_entries WHERE subject_id = $1 ORDER BY id', [DEMO]),
    );
    const last = (action: NoteRow['action']): NoteRow['details'] | undefined =>
      rows.findLast((row) => row.action === action)?.details;
    const firstStart = last('demo.begun')?.firstStart;
    return {
      firstStart: firstStart === undefined ? undefined : new Date(firstStart),
      passwordsOf: last('demo.passwords-set')?.file,
      seaId: last('demo.loaded')?.seaId,
    };
  }

  async write(action: NoteRow['action'], details: NoteRow['details']): Promise<void> {
    await this.database.write(DEMO_LOADER, (tx) =>
      this.audit.append(tx, DEMO_LOADER, { operationId: null, action, subjectId: DEMO, details }),
    );
  }
}
