import { Injectable } from '@nestjs/common';
import type { Agency, PortUnit, Standing, User } from '#identity';
import { prepared, query, type Tx, type Values } from '#platform';
import { ReferenceService, type TradeDirection, type TransportMode } from '#reference';

import type { CargoKind } from '../records/content.js';
import type { RecordedLine } from '../records/lines.js';
import {
  cargoUnitOf,
  gradingOf,
  lineOf,
  type RecordRow,
  sharingOf,
  unitJson,
  vesselOf,
} from '../records/record-words.js';
import type { SeizureStatus, SharingLevel } from '../vocabulary.js';
import { type FindingRule, wordFindings } from './findings.js';
import type { Seizure } from './seizure.js';

interface SeizureRow extends RecordRow {
  readonly unit: PortUnit;
  readonly agencies: Agency[];
  readonly reporter: User;
  readonly decider: User | null;
  readonly cargo_kind: CargoKind;
  readonly cargo_number: string;
  readonly cargo_as_marked: boolean;
  readonly size_type: string | null;
  readonly seals: string[];
  readonly carrier: string | null;
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
  readonly findings: FindingRule[];
  readonly received_at: Date;
  readonly decided_at: Date | null;
  readonly decision_reason: string | null;
  /** The sharing of its violation, once there is one. */
  readonly present_level: SharingLevel | null;
  readonly present_added: string[] | null;
  readonly present_left_out: string[] | null;
  readonly present_named: string[] | null;
}

const SELECT = `
  SELECT s.*, ${unitJson('u')} AS unit, v.sharing_level AS present_level, v.added_countries AS present_added,
    v.left_out_countries AS present_left_out, v.named_user_ids AS present_named,
    (SELECT jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'kind', a.kind, 'country', a.country)
       ORDER BY (a.id = s.agency_id) DESC, a.name, a.id)
     FROM agencies a WHERE a.id = s.agency_id OR a.id = ANY(s.agency_ids)) AS agencies,
    (SELECT jsonb_build_object('id', p.id, 'name', p.name) FROM users p WHERE p.id = s.author_id) AS reporter,
    (SELECT jsonb_build_object('id', p.id, 'name', p.name) FROM users p WHERE p.id = s.decided_by) AS decider
  FROM seizures s
    -- OFFSET 0: looked for by its key, report by report, also while the planner does not know yet how many violations there are.
    LEFT JOIN LATERAL (SELECT * FROM violations v WHERE v.operation_id = s.operation_id AND v.id = s.id OFFSET 0) v ON TRUE
    JOIN port_units u ON u.id = s.unit_id`;

/** Reads seizure reports for a viewer who has entered their operation: which of them there are, row-level security says. */
@Injectable()
export class SeizureReading {
  constructor(private readonly reference: ReferenceService) {}

  async byIds(tx: Tx, viewer: Standing, operationId: string, ids: readonly string[]): Promise<Map<string, Seizure>> {
    const rows = await prepared<SeizureRow & { [column: string]: unknown }>(
      tx,
      `${SELECT} WHERE s.operation_id = $1 AND s.id = ANY($2::uuid[])`,
      [operationId, ids],
    );
    return new Map(rows.map((row) => [row.id, this.word(row, viewer)]));
  }

  /** A page of what the viewer may see, newest received first, with each one's place in the order. */
  async page(
    tx: Tx,
    viewer: Standing,
    condition: string,
    values: Values,
    most: number,
  ): Promise<{ arrival: number; node: Seizure }[]> {
    const rows = await query<SeizureRow>(
      tx,
      `${SELECT} WHERE ${condition} ORDER BY s.arrival DESC LIMIT ${values.of(most)}`,
      values.list,
    );
    return rows.map((row) => ({ arrival: Number(row.arrival), node: this.word(row, viewer) }));
  }

  async count(tx: Tx, condition: string, values: Values): Promise<number> {
    const [row] = await query<{ count: number }>(
      tx,
      `SELECT count(*)::int AS count FROM seizures s WHERE ${condition}`,
      values.list,
    );
    return row?.count ?? 0;
  }

  private word(row: SeizureRow, viewer: Standing): Seizure {
    const isOwner = viewer.people.includes(row.country);
    return {
      id: row.id,
      version: row.version,
      operationId: row.operation_id,
      country: row.country,
      unit: row.unit,
      reportedBy: isOwner ? row.reporter : null,
      agencies: row.agencies,
      cargoUnit: cargoUnitOf({ kind: row.cargo_kind, number: row.cargo_number, asMarked: row.cargo_as_marked }),
      sizeType: row.size_type,
      seals: row.seals,
      billOfLading: row.bill_of_lading,
      vessel: vesselOf(row),
      carrier: row.carrier,
      declaredGoods: row.declared_goods,
      foundGoods: row.found_goods,
      riskIndicators: this.reference.riskIndicators(row.risk_indicators),
      detectedAt: row.detected_at,
      timeZone: row.time_zone,
      crimeArea: row.crime_area,
      nature: row.nature,
      detection: row.detection,
      transportMode: row.transport_mode,
      direction: row.direction,
      route: { origin: row.origin, transit: row.transit, destination: row.destination },
      lines: row.lines.map((line) => lineOf(line, row.day, this.reference)),
      persons: row.persons,
      companies: row.companies,
      sharing: sharingOf(asNow(row), isOwner),
      useRestriction: row.use_restriction,
      grading: gradingOf(row),
      narrative: row.narrative,
      exercise: row.exercise,
      late: row.late,
      status: row.status,
      findings: wordFindings(
        isOwner || viewer.hub ? row.findings : row.findings.filter((rule) => rule !== 'same-unit'),
      ),
      receivedAt: row.received_at,
      decidedAt: row.decided_at,
      decidedBy: row.decider,
      decisionReason: row.decision_reason,
    };
  }
}

/** The sharing that holds: of a report that was accepted, that of its violation. */
function asNow(row: SeizureRow): RecordRow {
  return {
    ...row,
    sharing_level: row.present_level ?? row.sharing_level,
    added_countries: row.present_added ?? row.added_countries,
    left_out_countries: row.present_left_out ?? row.left_out_countries,
    named_user_ids: row.present_named ?? row.named_user_ids,
  };
}
