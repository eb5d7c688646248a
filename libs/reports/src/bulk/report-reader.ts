import type { Faults } from '#platform';
import { checkUuidV7, CrimeArea, DetectionMethod, OffenceNature, QuantityBasis, QuantityUnit, Scene } from '#reference';
import { Agreement, TradeDirection, TransportMode, ValueBasis } from '#reference';

import { CARGO_KINDS } from '../records/content.js';
import { fingerprint } from '../records/fingerprint.js';
import type { SharingInput } from '../records/record.inputs.js';
import type { LogViolationInput } from '../violations/violation.inputs.js';
import type { ReportedViolation, ViolationLogging } from '../violations/violation-logging.js';
import { type InformationGrade, type SharingLevel, type SourceGrade, UseRestriction } from '../vocabulary.js';
import type { Case, Fields } from './cases.js';
import { CellReader, type Spelling } from './cell-values.js';
import { type Column, columnNamed, COLUMNS } from './columns.js';
import type { Names } from './names.js';
import { idFrom } from './report-id.js';
import { textOf } from './sheet.js';

/** What an import says of all its reports. */
export interface ImportFrame {
  readonly operationId: string;
  readonly country: string;
  readonly agencyId: string;
  readonly exercise: boolean;
  readonly sharing: SharingInput;
}

/** The values of one line of a case, by the names of their columns; the first line has those of the record too. */
type Values = Readonly<Record<string, unknown>>;

const NO_ID = '00000000-0000-7000-8000-000000000000';

/**
 * Makes reports of cases. A value that can't be read is noted, and another takes its place that breaks no rule, so that all else that is wrong
 * with the case is told as well; such a report is never stored.
 */
export class ReportReader {
  private readonly cells: CellReader;
  /** How often content that names no case came before in the file, by its beginning of a hash. */
  private readonly came = new Map<string, number>();

  constructor(
    private readonly logging: ViolationLogging,
    private readonly frame: ImportFrame,
    private readonly spelling: Spelling,
    names: Names,
  ) {
    this.cells = new CellReader(names, spelling);
  }

  read(found: Case): ReportedViolation {
    const { faults } = found;
    const lines = found.lines.map((fields, index) => this.valuesOf(faults, fields, index));
    found.lines.slice(1).forEach((fields, index) => judgeSame(faults, found.lines[0], fields, index + 1));
    judgeId(faults, lines[0]?.id);
    const input = this.inputOf(faults, lines);
    const report = this.logging.read(input, faults);
    return { ...report, input: { ...input, id: this.idOf(found, report, lines[0]?.id) } };
  }

  private valuesOf(faults: Faults, fields: Fields, index: number): Values {
    const values: Record<string, unknown> = {};
    for (const column of COLUMNS) {
      const cell = fields.get(column);
      if (column.path === null || (column.of === 'record' && index > 0)) continue;
      const path = pathOf(column, index);
      const value = cell === undefined ? undefined : this.cells.read(faults, path, column, cell);
      if (value !== undefined) values[column.name] = value;
      else if (column.isRequired) faults.add(path, 'required', 'Fill this in.');
    }
    return values;
  }

  private inputOf(faults: Faults, lines: readonly Values[]): LogViolationInput {
    const { operationId, agencyId, exercise, sharing } = this.frame;
    const [first = {}] = lines;
    const text = (name: string): string | null => (first[name] as string | undefined) ?? null;
    const moves = ['transportMode', 'direction', 'origin', 'destination'].some((name) => first[name] !== undefined);
    const scene = (first.scene as Scene | undefined) ?? (moves ? Scene.CONSIGNMENT : Scene.SITE);
    const timeZone = text('timeZone') ?? this.spelling.timeZone;
    return {
      id: NO_ID,
      operationId,
      agencyId,
      exercise,
      scene,
      // A day of the window, so that an unreadable one is told once.
      detectedAt: (first.detectedAt as Date | undefined) ?? new Date(0),
      timeZone,
      crimeArea: (first.crimeArea as CrimeArea | undefined) ?? CrimeArea.OTHER,
      nature: (first.nature as OffenceNature | undefined) ?? OffenceNature.UNDETERMINED,
      detection: (first.detection as DetectionMethod | undefined) ?? DetectionMethod.CHANCE,
      offenceFrom: text('offenceFrom'),
      offenceTo: text('offenceTo'),
      place: this.placeOf(first),
      consignment: scene === Scene.CONSIGNMENT || moves ? consignmentOf(faults, first) : null,
      vessel: {
        imo: text('vesselImo'),
        name: text('vesselName'),
        flag: text('vesselFlag'),
        voyage: text('vesselVoyage'),
      },
      persons: (first.persons as number | undefined) ?? null,
      companies: (first.companies as number | undefined) ?? null,
      useRestriction: (first.useRestriction as UseRestriction | undefined) ?? UseRestriction.NONE,
      grading: gradingOf(faults, first),
      narrative: text('narrative'),
      sharing: {
        ...sharing,
        level: (first.sharingLevel as SharingLevel | undefined) ?? sharing.level,
        addCountries: (first.addCountries as string[] | undefined) ?? sharing.addCountries,
        leaveOutCountries: (first.leaveOutCountries as string[] | undefined) ?? sharing.leaveOutCountries,
      },
      lines: lines.map(lineOf),
    };
  }

  private placeOf(first: Values): LogViolationInput['place'] {
    const name = first.place as string | undefined;
    const listed = name === undefined ? undefined : this.cells.place(name);
    const unlocode = (first.unlocode as string | undefined) ?? listed ?? null;
    return {
      unlocode,
      latitude: (first.latitude as number | undefined) ?? null,
      longitude: (first.longitude as number | undefined) ?? null,
      name: listed !== undefined && listed === unlocode ? null : (name ?? null),
    };
  }

  /** Its own, or one made of its case, or else of what it says and how often that came before in the file. */
  private idOf({ reference }: Case, report: ReportedViolation, given: unknown): string {
    if (typeof given === 'string') return given.toLowerCase();
    const { operationId, country } = this.frame;
    // A case that was rehearsed is brought in for real under the same number.
    if (reference !== '')
      return idFrom(operationId, country, this.frame.exercise ? 'rehearsed reference' : 'reference', reference);
    // Neither who records it nor who sees it: a file that is sent again for another agency is the same file.
    const content = fingerprint({ ...report.content, agencyId: '', exercise: this.frame.exercise });
    const beginning = content.slice(2, 22);
    const before = this.came.get(beginning) ?? 0;
    this.came.set(beginning, before + 1);
    return idFrom(operationId, country, 'content', content, String(before));
  }
}

/** Where a value stands in the input. */
function pathOf({ path, of }: Column, line: number): string {
  return `input.${of === 'line' ? (path ?? '').replace('lines.', `lines.${line}.`) : path}`;
}

/** Before the id is claimed: PostgreSQL takes more writings of it than one, and knows the record by another than is asked for then. */
function judgeId(faults: Faults, given: unknown): void {
  if (typeof given !== 'string') return;
  const id = checkUuidV7(given.toLowerCase());
  if (!id.ok) faults.add('input.id', id.rule, id.message);
}

/** Rows of one case say the same of the record, or nothing. */
function judgeSame(faults: Faults, first: Fields | undefined, fields: Fields, line: number): void {
  for (const column of COLUMNS) {
    if (column.of === 'line' || column.path === null) continue;
    const [said, says] = [first?.get(column), fields.get(column)].map((cell) => textOf(cell).trim());
    if (says === '' || says === said) continue;
    faults.add(
      `row.${line}.${column.name}`,
      'same',
      `The first row of this case says "${said}": say the same, or nothing.`,
    );
  }
}

function consignmentOf(faults: Faults, first: Values): LogViolationInput['consignment'] {
  for (const name of ['transportMode', 'direction', 'origin', 'destination']) {
    const column = columnNamed(name);
    if (column && first[name] === undefined) {
      faults.add(pathOf(column, 0), 'required', 'Fill this in: a consignment needs it.');
    }
  }
  return {
    transportMode: (first.transportMode as TransportMode | undefined) ?? TransportMode.UNKNOWN,
    direction: (first.direction as TradeDirection | undefined) ?? TradeDirection.UNKNOWN,
    route: {
      origin: (first.origin as string | undefined) ?? 'ZZ',
      transit: (first.transit as string[] | undefined) ?? [],
      destination: (first.destination as string | undefined) ?? 'ZZ',
    },
    cargoUnits: CARGO_KINDS.flatMap((kind) =>
      ((first[kind] as readonly string[] | undefined) ?? []).map((number) => ({
        [kind]: number,
        asMarked: first.asMarked === true,
      })),
    ),
    billOfLading: (first.billOfLading as string | undefined) ?? null,
  };
}

function gradingOf(faults: Faults, first: Values): LogViolationInput['grading'] {
  const source = first.gradingSource as SourceGrade | undefined;
  const information = first.gradingInformation as InformationGrade | undefined;
  if (source !== undefined && information !== undefined) return { source, information };
  if (source !== undefined) faults.add('input.grading.information', 'required', 'A graded source needs it.');
  if (information !== undefined) faults.add('input.grading.source', 'required', 'Graded information needs it.');
  return null;
}

function lineOf(values: Values): LogViolationInput['lines'][number] {
  const text = (name: string): string | null => (values[name] as string | undefined) ?? null;
  return {
    commodity: text('commodity') ?? '',
    agreement: (values.agreement as Agreement | undefined) ?? Agreement.NATIONAL_LAW,
    agreementReference: text('agreementReference'),
    hsCode: text('hsCode'),
    quantity: text('quantity') ?? '1',
    unit: (values.unit as QuantityUnit | undefined) ?? QuantityUnit.PIECE,
    basis: (values.basis as QuantityBasis | undefined) ?? QuantityBasis.ESTIMATED,
    netWeightKg: text('netWeightKg'),
    value: text('value'),
    currency: text('currency'),
    valueBasis: (values.valueBasis as ValueBasis | undefined) ?? ValueBasis.ESTIMATED,
  };
}
