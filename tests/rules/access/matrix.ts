import type { GraphQLSchema } from 'graphql';

import { type Muster, startMuster } from '../../setup/index.js';
import { Scene } from '../../setup/scene.js';
import { answered, type Answer, asking, forAll } from './asking.js';
import type { Probe } from './probes.js';
import { type Marked, marksIn, RecordMaker } from './records.js';
import { servedSchema } from './selections.js';
import { AccessTables } from './tables.js';
import { COUNTRIES, type House, isNamed, makeViewer, sightOf, type Viewer } from './viewers.js';

/** An operation with records at all levels and in all states, and everybody who may ask for them. */
export class Matrix {
  /** Cells that were asked, and what was not as the tables say. */
  tried = 0;
  readonly wrong: string[] = [];
  readonly leaks: string[] = [];

  private constructor(
    readonly muster: Muster,
    readonly scene: Scene,
    readonly tables: AccessTables,
    readonly schema: GraphQLSchema,
    readonly house: House,
    readonly viewers: readonly Viewer[],
    readonly records: readonly Marked[],
    /** Of country A in each operation. */
    readonly participations: ReadonlyMap<string, string>,
    /** What viewers who take part had seen last before sharing was narrowed. */
    readonly oldCursors: ReadonlyMap<Viewer, string>,
  ) {}

  static async open(): Promise<Matrix> {
    const tables = await AccessTables.read();
    const muster = await startMuster();
    const scene = await Scene.open(muster);
    try {
      return await Matrix.fill(muster, scene, tables);
    } catch (error) {
      await scene.close();
      await muster.stop();
      throw error;
    }
  }

  private static async fill(muster: Muster, scene: Scene, tables: AccessTables): Promise<Matrix> {
    const { house, participations } = await openHouse(scene);
    const viewers = await everybody(scene, house, tables);
    const [hub] = viewers.filter(({ relation }) => relation === 'hub');
    const author = only(viewers, 'own', 'author');
    const reporter = only(viewers, 'own', 'reporter');
    const coordinator = only(viewers, 'own', 'coordinator').person;
    const maker = new RecordMaker(house, { coordinator, author, reporter }, viewers);
    const narrowed = await maker.beforeNarrowing();
    const oldCursors = new Map<Viewer, string>();
    await forAll(
      viewers.filter(({ place }) => place === 'inside'),
      async (viewer) => {
        const { headCursor } = await viewer.person.do<{ headCursor: string }>(
          `query ($id: UUID!) { operation(id: $id) { headCursor } }`,
          { id: house.operationId },
        );
        oldCursors.set(viewer, headCursor);
      },
    );
    await maker.narrow(narrowed);
    const records = [...narrowed, ...(await maker.others())];
    const schema = await servedSchema((hub ?? author).person);
    return new Matrix(muster, scene, tables, schema, house, viewers, records, participations, oldCursors);
  }

  async close(): Promise<void> {
    await this.scene.close();
    await this.muster.stop();
  }

  /** What the tables say. */
  sees(viewer: Viewer, record: Marked): boolean {
    const sight = sightOf(this.tables, viewer, record.author === viewer);
    return sight.sees[record.kind === 'waiting reports' ? this.tables.waitingAs[record.level] : record.level];
  }

  /** Whether the viewer saw a record before its sharing was changed. */
  saw(viewer: Viewer, { before, author }: Marked): boolean {
    return before !== undefined && sightOf(this.tables, viewer, author === viewer).sees[before];
  }

  visible(viewer: Viewer): Marked[] {
    return this.records.filter((record) => this.sees(viewer, record));
  }

  hidden(viewer: Viewer): Marked[] {
    return this.records.filter((record) => !this.sees(viewer, record));
  }

  isOfOwner({ relation, place }: Viewer): boolean {
    return relation === 'own' && place === 'inside';
  }

  /** Asks as somebody, and looks for anything in the answer that is not theirs. */
  async ask(viewer: Viewer | undefined, probe: Probe, where: string): Promise<Answer> {
    const answer = await asking(this.muster.url, viewer?.person, probe.query, probe.variables);
    this.look(viewer, answer.text, where);
    return answer;
  }

  async fetch(viewer: Viewer | undefined, path: string, init: RequestInit, where: string): Promise<Answer> {
    const headers = { ...init.headers, ...(viewer ? { authorization: `Bearer ${viewer.person.token}` } : {}) };
    const answer = await answered(await fetch(`${this.muster.url}${path}`, { ...init, headers, redirect: 'manual' }));
    this.look(viewer, answer.text, where);
    return answer;
  }

  /** Looks for marks and ids of records that are hidden from a viewer, and for words that are told to the owner alone. */
  look(viewer: Viewer | undefined, text: string, where: string, { ids = true } = {}): void {
    const who = viewer?.name ?? 'without a session';
    const seen = new Map(
      this.records.map((record) => [record.code, viewer !== undefined && this.sees(viewer, record)]),
    );
    for (const { code, told, mark } of marksIn(text)) {
      const isTheirs = seen.get(code) === true && (told === 'open' || (viewer !== undefined && this.isOfOwner(viewer)));
      if (!isTheirs) this.leaks.push(`${where} as ${who}: ${mark}`);
    }
    if (!ids) return;
    for (const { id, attachmentId, code } of this.records) {
      if (seen.get(code) !== true && (text.includes(id) || text.includes(attachmentId))) {
        this.leaks.push(`${where} as ${who}: an id of ${code}`);
      }
    }
  }

  /** One cell: what was expected, and what came. */
  check(expected: string, actual: string, where: string): void {
    this.tried++;
    if (expected !== actual) this.wrong.push(`${where}: ${actual}, not ${expected}`);
  }

  /** Two answers that must not be told apart. */
  same(one: string, other: string, where: string): void {
    this.tried++;
    if (one !== other) this.leaks.push(`${where}: told apart\n  ${one}\n  ${other}`);
  }
}

export function only(viewers: readonly Viewer[], relation: string, word: string): Viewer {
  const found = viewers.find((viewer) => viewer.relation === relation && viewer.word === word);
  if (!found) throw new Error(`There is no ${relation}: ${word}.`);
  return found;
}

/** Everybody in the table of who sees a record, the reporter of seizures as the second author, and whoever they need. */
export async function everybody(scene: Scene, house: House, tables: AccessTables): Promise<Viewer[]> {
  const author = tables.sight('own', 'author');
  const sights = [...tables.sights, { ...author, viewer: 'reporter' }];
  const viewers: Viewer[] = [];
  await forAll(sights, async (sight) => {
    viewers.push(await makeViewer(scene, house, sight));
  });
  if (!viewers.some(isNamed)) throw new Error('Nobody is named.');
  return viewers;
}

/** Three operations: the one asked about, another one of the same country, and one that a country withdrew from. */
export async function openHouse(
  scene: Scene,
): Promise<{ readonly house: House; readonly participations: ReadonlyMap<string, string> }> {
  const hub = await scene.person(null, { role: 'HUB' });
  const agencies = new Map<string, string>();
  const units = new Map<string, string>();
  const ports = {
    KE: 'KEMBA',
    TZ: 'TZDAR',
    BR: 'BRSSZ',
    OM: 'OMSLL',
    ZA: 'ZADUR',
    AE: 'AEJEA',
    NL: 'NLRTM',
    SC: 'SCPOV',
    MZ: 'MZMPM',
    UG: 'UGKLA',
  };
  for (const [country, port] of Object.entries(ports)) {
    const agencyId = await scene.agency(country);
    agencies.set(country, agencyId);
    units.set(country, await scene.unit(country, port, [agencyId]));
  }
  const open = async (codeName: string, countries: readonly string[]): Promise<string> => {
    const { id } = await scene.operation(hub, { codeName });
    for (const country of countries) await scene.join(hub, id, country, agencies.get(country) ?? '');
    await scene.move(hub, id, 'OPERATIONAL');
    return id;
  };
  const accepted = ['own', 'concerned', 'added', 'concerned, left out', 'left out', 'other participant', 'withdrawn'];
  const operationId = await open(
    'Asked about',
    accepted.map((relation) => COUNTRIES[relation] ?? ''),
  );
  const otherOperationId = await open('Another', ['KE', 'TZ']);
  const leftOperationId = await open('Left', ['UG', 'TZ']);
  await hub.do(`mutation ($id: UUID!) { inviteCountries(operationId: $id, countries: ["NL", "SC"]) { id } }`, {
    id: operationId,
  });
  const rows = await scene.sql<{ id: string; operation_id: string; country: string }>(
    `SELECT id, operation_id, country FROM participations`,
  );
  const participationOf = (of: string, country: string): string =>
    rows.find((row) => row.operation_id === of && row.country === country)?.id ?? '';
  const decliner = await scene.person(agencies.get('SC') ?? '', { role: 'NATIONAL_COORDINATOR', country: 'SC' });
  await decliner.do(`mutation ($input: AnswerInvitationInput!) { answerInvitation(input: $input) { id } }`, {
    input: { participationId: participationOf(operationId, 'SC'), accept: false },
  });
  await hub.do(
    `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "As the test needs it.") { id } }`,
    {
      id: participationOf(operationId, 'MZ'),
    },
  );
  return {
    house: { operationId, otherOperationId, leftOperationId, agencies, units },
    participations: new Map([operationId, otherOperationId].map((id) => [id, participationOf(id, 'KE')])),
  };
}
