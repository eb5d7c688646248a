import { v7 } from 'uuid';

import { DECIDE, settled } from '../../setup/ports.js';
import { containerNumber, LOG, type Person, REPORT, seizureInput, violationInput } from '../../setup/scene.js';
import { type Level, LEVELS } from './tables.js';
import { type House, isNamed, type Viewer } from './viewers.js';

/** As the table of fields calls what a field knows. */
export type Kind = 'violations' | 'accepted reports' | 'waiting reports';

/** A record of Kenya with a word of its own in each of its texts, to be recognised by wherever it turns up. */
export interface Marked {
  readonly id: string;
  readonly kind: Kind;
  readonly variant: 'logged' | 'withdrawn' | 'narrowed' | 'accepted' | 'waiting';
  readonly level: Level;
  /** Before its sharing was changed. */
  readonly before: Level | undefined;
  /** Two letters and a digit or so, the beginning of all its marks. */
  readonly code: string;
  readonly author: Viewer;
  readonly attachmentId: string;
  readonly container: string;
}

/** Who makes the records. */
export interface Makers {
  readonly coordinator: Person;
  readonly author: Viewer;
  readonly reporter: Viewer;
}

/** A mark in a text. `open` is told to all who see the record, `owner` to the owning country's people alone. */
export const mark = (code: string, told: 'open' | 'owner', field: string): string =>
  `zq${code}${told[1] ?? ''}${field}zq`;

const MARK = /zq([a-z]\d+)([pw])[a-z]+?zq/g;

/** All marks in a text, as the code of the record and who is told. */
export function marksIn(
  text: string,
): { readonly code: string; readonly told: 'open' | 'owner'; readonly mark: string }[] {
  return [...text.toLowerCase().matchAll(MARK)].map(([found, code = '', told]) => ({
    code,
    told: told === 'p' ? 'open' : 'owner',
    mark: found,
  }));
}

const SHARE = `mutation ($id: UUID!, $version: Int!, $reason: String!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: $reason, sharing: $sharing) { id version } }`;
const CORRECT = `mutation ($id: UUID!, $version: Int!, $reason: String!, $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: $version, reason: $reason, input: $input) { id version } }`;
const WITHDRAW = `mutation ($id: UUID!, $version: Int!, $reason: String!) {
  withdrawViolation(id: $id, expectedVersion: $version, reason: $reason) { id version } }`;

export const ROUTE = { origin: 'NL', transit: ['OM', 'SC', 'MZ', 'TZ'], destination: 'KE' };

/** Makes records at every level, in every state. */
export class RecordMaker {
  constructor(
    private readonly house: House,
    private readonly makers: Makers,
    private readonly viewers: readonly Viewer[],
  ) {}

  /** Those whose sharing is to be changed, as they are before. */
  async beforeNarrowing(): Promise<Marked[]> {
    return Promise.all(
      LEVELS.map((level, index) => this.log(`n${index}`, 'narrowed', level, level === 'GREEN' ? 'CLEAR' : 'GREEN')),
    );
  }

  async narrow(records: readonly Marked[]): Promise<void> {
    await Promise.all(
      records.map(({ id, code, level }) =>
        this.makers.author.person.do(SHARE, {
          id,
          version: 2,
          reason: `Narrowed ${mark(code, 'owner', 'why')}`,
          sharing: this.sharing(level),
        }),
      ),
    );
  }

  async others(): Promise<Marked[]> {
    const made = await Promise.all(
      LEVELS.flatMap((level, index) => [
        this.log(`v${index}`, 'logged', level),
        this.withdrawn(`w${index}`, level),
        this.reported(`a${index}`, level, true),
        this.reported(`s${index}`, level, false),
      ]),
    );
    return made;
  }

  sharing(level: Level): Record<string, unknown> {
    const leaveOutCountries = ['OM', 'ZA'];
    switch (level) {
      case 'RED':
        return { level, nameUserIds: this.viewers.filter(isNamed).map(({ person }) => person.id) };
      case 'AMBER':
        return { level, addCountries: ['BR'], leaveOutCountries };
      case 'GREEN':
        return { level, leaveOutCountries };
      default:
        return { level };
    }
  }

  /** Logs a violation and corrects it once. */
  async log(code: string, variant: Marked['variant'], level: Level, before?: Level): Promise<Marked> {
    const { author } = this.makers;
    const id = v7();
    const attachmentId = v7();
    const container = containerNumber();
    const input = {
      id,
      vessel: { name: `Ship ${mark(code, 'open', 'ship')}` },
      place: { unlocode: 'KEMBA', name: `Quay ${mark(code, 'open', 'place')}` },
      narrative: `Found by chance ${mark(code, 'owner', 'old')}`,
      consignment: {
        transportMode: 'MARITIME',
        direction: 'IMPORT',
        route: ROUTE,
        billOfLading: mark(code, 'open', 'bill'),
        cargoUnits: [{ container }],
      },
      attachments: [attachment(code, attachmentId)],
      sharing: this.sharing(before ?? level),
    };
    const {
      operationId,
      id: _,
      sharing,
      attachments,
      ...content
    } = violationInput(this.house.operationId, author.agencyId, input);
    await author.person.do(LOG, { input: { operationId, id, sharing, attachments, ...content } });
    await author.person.do(CORRECT, {
      id,
      version: 1,
      reason: `Corrected ${mark(code, 'owner', 'reason')}`,
      input: { ...content, narrative: `Found by chance ${mark(code, 'open', 'narrative')}` },
    });
    return { id, kind: 'violations', variant, level, before, code, author, attachmentId, container };
  }

  async withdrawn(code: string, level: Level): Promise<Marked> {
    const record = await this.log(code, 'withdrawn', level);
    const reason = `Withdrawn ${mark(code, 'open', 'gone')}`;
    await this.makers.author.person.do(WITHDRAW, { id: record.id, version: 2, reason });
    return record;
  }

  /** A report whose container is marked with a wrong check digit, so that it waits; and is accepted, if it is to be. */
  async reported(code: string, level: Level, isAccepted: boolean): Promise<Marked> {
    const { reporter, coordinator } = this.makers;
    const id = v7();
    const attachmentId = v7();
    const right = containerNumber();
    const container = `${right.slice(0, -1)}${(Number(right.at(-1)) + 1) % 10}`;
    await reporter.person.do(REPORT, {
      input: seizureInput(this.house.operationId, reporter.unitId, {
        id,
        cargoUnit: { container, asMarked: true },
        route: ROUTE,
        declaredGoods: `Tyres ${mark(code, 'open', 'declared')}`,
        foundGoods: `Waste ${mark(code, 'open', 'found')}`,
        carrier: `Line ${mark(code, 'open', 'carrier')}`,
        seals: [mark(code, 'open', 'seal')],
        narrative: `Opened ${mark(code, 'open', 'narrative')}`,
        billOfLading: mark(code, 'open', 'bill'),
        vessel: { name: `Ship ${mark(code, 'open', 'ship')}` },
        attachments: [attachment(code, attachmentId)],
        sharing: this.sharing(level),
      }),
    });
    const { version } = await settled(reporter.person, id);
    if (isAccepted) {
      await coordinator.do(DECIDE, { id, version, accept: true, reason: `Decided ${mark(code, 'open', 'decided')}` });
    }
    const kind = isAccepted ? 'accepted reports' : 'waiting reports';
    const variant = isAccepted ? 'accepted' : 'waiting';
    return { id, kind, variant, level, before: undefined, code, author: reporter, attachmentId, container };
  }
}

function attachment(code: string, id: string): object {
  return { id, name: `${mark(code, 'open', 'photo')}.jpg`, size: 1_000, sha256: 'a'.repeat(64) };
}
