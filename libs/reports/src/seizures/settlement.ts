import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import type { NewEvent } from '#feed';
import { type Actor, Clock, insertRows, type NewRow, prepared, query, type Tx } from '#platform';
import { ReferenceService, Scene, type TradeDirection, type TransportMode } from '#reference';
import { ViolationSource } from '#trends';

import type { CargoKind, LineContent, ViolationContent } from '../records/content.js';
import type { RecordedLine } from '../records/lines.js';
import { gradingOf, type RecordRow, vesselOf } from '../records/record-words.js';
import { isAhead } from '../records/reportable.js';
import { stateOf } from '../violations/recorded-state.js';
import type { ViolationState } from '../violations/violation-state.js';
import { type NewVersion, ViolationStore } from '../violations/violation-store.js';
import { SeizureStatus } from '../vocabulary.js';
import { type FindingRule, findingsOf, needsReview } from './findings.js';

/** A stored report, as its settlement and its review need it. */
export interface StoredSeizure extends RecordRow {
  readonly agency_id: string;
  readonly unit_id: string;
  readonly unit_country: string;
  readonly unit_unlocode: string;
  readonly cargo_kind: CargoKind;
  readonly cargo_number: string;
  readonly cargo_as_marked: boolean;
  readonly declared_goods: string;
  readonly found_goods: string;
  readonly risk_indicators: string[];
  readonly transport_mode: TransportMode;
  readonly direction: TradeDirection;
  readonly origin: string;
  readonly transit: string[];
  readonly destination: string;
  readonly lines: RecordedLine[];
  readonly status: SeizureStatus;
  readonly received_at: Date;
  readonly decision_hash: Buffer | null;
}

interface Decided {
  readonly seizure: StoredSeizure;
  readonly rules: readonly FindingRule[];
}

/** Another report of the same cargo unit within seven days, and whether the people of the new one's country may see it. */
interface SameUnit {
  readonly report_id: string;
  readonly other_id: string;
  readonly other_country: string;
  readonly seen: boolean;
}

const DAYS_APART = '7 days'; // 7 x 24 hours: instants are compared in UTC, where a day always has 24 of them

const SELECT = `SELECT s.*, u.country AS unit_country, u.unlocode AS unit_unlocode FROM seizures s JOIN port_units u ON u.id = s.unit_id`;

// OFFSET 0: looked for by their keys, report by report, also by a plan that was made while there were few records.
const SAME_UNITS = `
  SELECT r.id AS report_id, c.record_id AS other_id, o.country AS other_country,
    shown_to_country(r.country, $2, c.record_id) AS seen
  FROM jsonb_to_recordset($1) AS r (id uuid, country text, kind text, number text, at timestamptz, exercise boolean)
  CROSS JOIN LATERAL (
    SELECT c.record_id FROM cargo_units c
    WHERE c.operation_id = $2 AND c.kind = r.kind AND c.number = r.number AND c.record_id <> r.id AND NOT c.void
      AND c.detected_at BETWEEN r.at - interval '${DAYS_APART}' AND r.at + interval '${DAYS_APART}'
      AND r.exercise = COALESCE(
        (SELECT v.exercise FROM violations v WHERE v.operation_id = $2 AND v.id = c.record_id),
        (SELECT s.exercise FROM seizures s WHERE s.operation_id = $2 AND s.id = c.record_id))
    OFFSET 0) AS c
  JOIN record_ids o ON o.id = c.record_id`;

/** Checks received reports against the rules, and writes what comes of them: violations, or reports for review. */
@Injectable()
export class Settlement {
  constructor(
    private readonly clock: Clock,
    private readonly reference: ReferenceService,
    private readonly store: ViolationStore,
    private readonly audit: Audit,
  ) {}

  /** Settles reports of one operation in the order of their arrival; those that are settled already stay as they are. */
  async settleAll(tx: Tx, actor: Actor, operationId: string, ids: readonly string[]): Promise<void> {
    const received = await this.lock(tx, operationId, ids);
    await lockUnits(tx, received);
    for (const round of roundsOf(received)) await this.settleRound(tx, actor, operationId, round);
  }

  /**
   * Reports that wait, came before some of the given ones and name the same cargo unit: at most `most`, the oldest. Where countries take
   * turns they are settled with those that came after them, so that the first of a unit is the one that is accepted, whoever sent more.
   */
  async earlierOfUnits(tx: Tx, operationId: string, ids: readonly string[], most: number): Promise<string[]> {
    const rows = await query<{ id: string }>(
      tx,
      `SELECT earlier.id FROM seizures earlier
       WHERE earlier.operation_id = $1 AND earlier.status = 'RECEIVED' AND EXISTS (
         SELECT FROM seizures s WHERE s.operation_id = $1 AND s.id = ANY($2::uuid[]) AND s.cargo_kind = earlier.cargo_kind
           AND s.cargo_number = earlier.cargo_number AND (s.received_at, s.id) > (earlier.received_at, earlier.id))
       AND earlier.id <> ALL($2::uuid[])
       ORDER BY earlier.received_at, earlier.id LIMIT $3`,
      [operationId, ids, most],
    );
    return rows.map(({ id }) => id);
  }

  /** A report locked for its decision. */
  async lockOne(tx: Tx, operationId: string, id: string): Promise<StoredSeizure | undefined> {
    const lock = (): Promise<StoredSeizure[]> =>
      query(tx, `${SELECT} WHERE s.operation_id = $1 AND s.id = $2 FOR UPDATE OF s`, [operationId, id]);
    const [row] = await lock();
    // One that was accepted while this waited for it is seen as its violation, which the snapshot from before does not have yet.
    return row ?? (await lock())[0];
  }

  /** The first version of the violation that an accepted report becomes; it has the report's id. */
  acceptance(seizure: StoredSeizure, at: Date): NewVersion {
    return {
      before: null,
      after: this.violationOf(seizure, at),
      version: 1,
      authorId: seizure.author_id,
      reason: null,
      commandHash: null,
      at: at.toISOString(),
      kind: 'seizure.accepted',
    };
  }

  private async lock(tx: Tx, operationId: string, ids: readonly string[]): Promise<StoredSeizure[]> {
    const rows = await prepared<StoredSeizure & { [column: string]: unknown }>(
      tx,
      `${SELECT} WHERE s.operation_id = $1 AND s.id = ANY($2::uuid[]) AND s.status = 'RECEIVED' FOR UPDATE OF s`,
      [operationId, ids],
    );
    return rows.sort(byArrival);
  }

  private async settleRound(tx: Tx, actor: Actor, operationId: string, round: readonly StoredSeizure[]): Promise<void> {
    const now = this.clock.now();
    const matches = await this.findSameUnits(tx, operationId, round);
    const seen = new Set(matches.filter((match) => match.seen).map((match) => match.report_id));
    const decided = round.map((seizure) => ({ seizure, rules: this.rulesOf(seizure, seen.has(seizure.id)) }));
    const accepted = decided.filter(({ rules }) => !needsReview(rules));
    const forReview = decided.filter(({ rules }) => needsReview(rules));

    await insertRows(tx, 'cargo_units', round.map(cargoRow));
    await saveStatus(tx, operationId, accepted, SeizureStatus.ACCEPTED, now);
    await saveStatus(tx, operationId, forReview, SeizureStatus.NEEDS_REVIEW, null);
    await this.audit.append(
      tx,
      actor,
      ...forReview.map(({ seizure, rules }) => ({
        operationId,
        action: 'seizure.needs-review',
        subjectId: seizure.id,
        details: { rules },
      })),
    );
    await this.store.write(
      tx,
      actor,
      operationId,
      accepted.map(({ seizure }) => this.acceptance(seizure, now)),
      [...forReview.map(({ seizure }) => reviewEvent(seizure)), ...hiddenEvents(matches)],
    );
  }

  private rulesOf(seizure: StoredSeizure, hasSameUnit: boolean): FindingRule[] {
    const found = findingsOf(
      {
        unitCountry: seizure.unit_country,
        unitUnlocode: seizure.unit_unlocode,
        cargoKind: seizure.cargo_kind,
        cargoNumber: seizure.cargo_number,
        asMarked: seizure.cargo_as_marked,
        route: [seizure.origin, ...seizure.transit, seizure.destination],
        isAhead: isAhead(seizure.detected_at, seizure.received_at),
        hsCodes: seizure.lines.flatMap(({ hsCode }) => hsCode ?? []),
        declaredGoods: seizure.declared_goods,
        foundGoods: seizure.found_goods,
      },
      this.reference,
    );
    return hasSameUnit ? ['same-unit', ...found] : found;
  }

  // What the people of the new report's country may not see changes nothing for it; a report of their own country, RED or not, does.
  private findSameUnits(tx: Tx, operationId: string, round: readonly StoredSeizure[]): Promise<SameUnit[]> {
    const reports = round.map(({ id, country, cargo_kind: kind, cargo_number: number, detected_at: at, exercise }) => ({
      id,
      country,
      kind,
      number,
      at,
      exercise,
    }));
    return prepared<SameUnit & { [column: string]: unknown }>(tx, SAME_UNITS, [JSON.stringify(reports), operationId]);
  }

  private violationOf(seizure: StoredSeizure, at: Date): ViolationState {
    const goods = [seizure.declared_goods, seizure.found_goods];
    const sharing = {
      level: seizure.sharing_level,
      addCountries: seizure.added_countries,
      leaveOutCountries: seizure.left_out_countries,
      nameUserIds: seizure.named_user_ids,
    };
    return stateOf(
      this.reference,
      {
        operationId: seizure.operation_id,
        id: seizure.id,
        country: seizure.country,
        authorId: seizure.author_id,
        unitId: seizure.unit_id,
        source: ViolationSource.PORT_UNIT,
        late: seizure.late,
        exercise: seizure.exercise,
        riskIndicators: seizure.risk_indicators,
        recordedAt: at.toISOString(),
        arrivedAt: seizure.received_at.toISOString(),
      },
      contentOf(seizure),
      sharing,
      seizure.day,
      goods,
      seizure.lines,
    );
  }
}

function byArrival(one: StoredSeizure, other: StoredSeizure): number {
  const apart = one.received_at.getTime() - other.received_at.getTime();
  return apart === 0 ? (one.id < other.id ? -1 : 1) : apart;
}

/** Of several reports of one unit each is settled after the one before, so that it can be found. */
function roundsOf(received: readonly StoredSeizure[]): StoredSeizure[][] {
  const rounds: StoredSeizure[][] = [];
  const seen = new Map<string, number>();
  for (const seizure of received) {
    const unit = unitKey(seizure);
    const round = seen.get(unit) ?? 0;
    seen.set(unit, round + 1);
    (rounds[round] ??= []).push(seizure);
  }
  return rounds;
}

function unitKey({ operation_id: operationId, cargo_kind: kind, cargo_number: number }: StoredSeizure): string {
  return `${operationId}/${kind}/${number}`;
}

// Reports of one unit are settled one after another, whoever settles them: of two at the same instant exactly one is accepted.
// The locks are taken in one order, so that two settlers never wait for each other.
async function lockUnits(tx: Tx, received: readonly StoredSeizure[]): Promise<void> {
  await prepared(
    tx,
    `SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(unit, 2) AS key FROM unnest($1::text[]) AS unit ORDER BY key) AS keys`,
    [received.map(unitKey)],
  );
}

async function saveStatus(
  tx: Tx,
  operationId: string,
  decided: readonly Decided[],
  status: SeizureStatus,
  decidedAt: Date | null,
): Promise<void> {
  if (decided.length === 0) return;
  await prepared(
    tx,
    `UPDATE seizures SET status = $2, findings = $4::jsonb -> id::text, decided_at = $3 WHERE operation_id = $1 AND id = ANY($5::uuid[])`,
    [
      operationId,
      status,
      decidedAt,
      JSON.stringify(Object.fromEntries(decided.map(({ seizure, rules }) => [seizure.id, rules]))),
      decided.map(({ seizure }) => seizure.id),
    ],
  );
}

function cargoRow(seizure: StoredSeizure): NewRow {
  return {
    operation_id: seizure.operation_id,
    record_id: seizure.id,
    ordinal: 0,
    kind: seizure.cargo_kind,
    number: seizure.cargo_number,
    as_marked: seizure.cargo_as_marked,
    detected_at: seizure.detected_at,
    void: false,
  };
}

function reviewEvent({ id, country }: StoredSeizure): NewEvent {
  return { kind: 'seizure.needs-review', subjectId: id, country };
}

// Told of the hidden record alone, to those who may see it: nothing is said of the new one.
function hiddenEvents(matches: readonly SameUnit[]): NewEvent[] {
  const hidden = new Map(
    matches.filter(({ seen }) => !seen).map(({ other_id: id, other_country: country }) => [id, country]),
  );
  return [...hidden].map(([subjectId, country]) => ({ kind: 'seizure.same-unit', subjectId, country }));
}

function contentOf(seizure: StoredSeizure): ViolationContent {
  const { origin, transit, destination } = seizure;
  return {
    agencyId: seizure.agency_id,
    scene: Scene.CONSIGNMENT,
    detectedAt: seizure.detected_at.toISOString(),
    timeZone: seizure.time_zone,
    offenceFrom: null,
    offenceTo: null,
    place: { unlocode: seizure.unit_unlocode, latitude: null, longitude: null, name: null },
    crimeArea: seizure.crime_area,
    nature: seizure.nature,
    detection: seizure.detection,
    consignment: {
      transportMode: seizure.transport_mode,
      direction: seizure.direction,
      route: { origin, transit, destination },
      cargoUnits: [{ kind: seizure.cargo_kind, number: seizure.cargo_number, asMarked: seizure.cargo_as_marked }],
      billOfLading: seizure.bill_of_lading,
    },
    vessel: vesselOf(seizure),
    lines: seizure.lines.map(lineContent),
    persons: seizure.persons,
    companies: seizure.companies,
    useRestriction: seizure.use_restriction,
    grading: gradingOf(seizure),
    narrative: seizure.narrative,
  };
}

function lineContent({ quantityKg: _kg, valueUsd: _usd, rateDate: _day, ...line }: RecordedLine): LineContent {
  return line;
}
