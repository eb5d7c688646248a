import { Injectable } from '@nestjs/common';
import type { Agency, PortUnit, Standing } from '#identity';
import { prepared, query, type Tx, type Values } from '#platform';
import { ReferenceService, type Scene, type TradeDirection, type TransportMode } from '#reference';
import type { ViolationSource } from '#trends';

import {
  agencyJson,
  type CargoRow,
  cargoUnitOf,
  gradingOf,
  lineOf,
  type LineRow,
  type RecordRow,
  sharingOf,
  unitJson,
  vesselOf,
} from '../records/record-words.js';
import type { Violation } from './violation.js';

interface ViolationRow extends RecordRow {
  readonly agency: Agency;
  readonly unit: PortUnit | null;
  readonly source: ViolationSource;
  readonly scene: Scene;
  readonly offence_from: string | null;
  readonly offence_to: string | null;
  readonly place_unlocode: string | null;
  readonly place_latitude: number | null;
  readonly place_longitude: number | null;
  readonly place_name: string | null;
  readonly place_country: string | null;
  readonly transport_mode: TransportMode | null;
  readonly direction: TradeDirection | null;
  readonly origin: string | null;
  readonly transit: string[] | null;
  readonly destination: string | null;
  readonly quantity_kg: string | null;
  readonly value_usd: string | null;
  readonly withdrawn_at: Date | null;
  readonly withdrawal_reason: string | null;
  readonly recorded_at: Date;
  readonly lines: LineRow[];
  readonly cargo_units: CargoRow[];
}

const SELECT = `
  SELECT v.*, ${agencyJson('a')} AS agency, ${unitJson('u')} AS unit,
    (SELECT jsonb_agg(jsonb_build_object('agreement', l.agreement, 'commodity', l.commodity, 'agreementReference', l.agreement_reference,
       'hsCode', l.hs_code, 'quantity', l.quantity::text, 'unit', l.unit, 'basis', l.basis, 'netWeightKg', l.net_weight_kg::text,
       'quantityKg', l.quantity_kg::text, 'value', l.value::text, 'currency', l.currency, 'valueBasis', l.value_basis,
       'valueUsd', l.value_usd::text, 'rateDate', l.rate_date) ORDER BY l.line)
     FROM violation_lines l WHERE l.operation_id = v.operation_id AND l.violation_id = v.id) AS lines,
    (SELECT COALESCE(jsonb_agg(jsonb_build_object('kind', c.kind, 'number', c.number, 'asMarked', c.as_marked) ORDER BY c.ordinal), '[]')
     FROM cargo_units c WHERE c.operation_id = v.operation_id AND c.record_id = v.id) AS cargo_units
  FROM violations v JOIN agencies a ON a.id = v.agency_id LEFT JOIN port_units u ON u.id = v.unit_id`;

/** Reads violations for a viewer who has entered their operation: which of them there are, row-level security says. */
@Injectable()
export class ViolationReading {
  constructor(private readonly reference: ReferenceService) {}

  /** Those of the violations that the viewer may see, by id. */
  async byIds(tx: Tx, viewer: Standing, operationId: string, ids: readonly string[]): Promise<Map<string, Violation>> {
    const rows = await prepared<ViolationRow & { [column: string]: unknown }>(
      tx,
      `${SELECT} WHERE v.operation_id = $1 AND v.id = ANY($2::uuid[])`,
      [operationId, ids],
    );
    return new Map(rows.map((row) => [row.id, this.word(row, viewer)]));
  }

  /** A page of what the viewer may see, newest recorded first, with each one's place in the order. */
  async page(
    tx: Tx,
    viewer: Standing,
    condition: string,
    values: Values,
    most: number,
  ): Promise<{ arrival: number; violation: Violation }[]> {
    const rows = await query<ViolationRow>(
      tx,
      `${SELECT} WHERE ${condition} ORDER BY v.arrival DESC LIMIT ${values.of(most)}`,
      values.list,
    );
    return rows.map((row) => ({ arrival: Number(row.arrival), violation: this.word(row, viewer) }));
  }

  /** @param most where it is enough to count so far */
  async count(tx: Tx, condition: string, values: Values, most?: number): Promise<number> {
    const [row] = await query<{ count: number }>(
      tx,
      most === undefined
        ? `SELECT count(*)::int AS count FROM violations v WHERE ${condition}`
        : `SELECT count(*)::int AS count FROM (SELECT FROM violations v WHERE ${condition} LIMIT ${values.of(most)}) AS counted`,
      values.list,
    );
    return row?.count ?? 0;
  }

  private word(row: ViolationRow, viewer: Standing): Violation {
    const isOwner = viewer.people.includes(row.country);
    return {
      id: row.id,
      version: row.version,
      operationId: row.operation_id,
      country: row.country,
      agency: row.agency,
      unit: row.unit,
      source: row.source,
      scene: row.scene,
      detectedAt: row.detected_at,
      timeZone: row.time_zone,
      offenceFrom: row.offence_from,
      offenceTo: row.offence_to,
      place: {
        unlocode: row.place_unlocode,
        latitude: row.place_latitude,
        longitude: row.place_longitude,
        name: row.place_name,
        country: row.place_country,
      },
      crimeArea: row.crime_area,
      nature: row.nature,
      detection: row.detection,
      consignment: consignmentOf(row),
      vessel: vesselOf(row),
      lines: row.lines.map((line) => lineOf(line, row.day, this.reference)),
      valueUsd: row.value_usd,
      quantityKg: row.quantity_kg,
      persons: row.persons,
      companies: row.companies,
      sharing: sharingOf(row, isOwner),
      useRestriction: row.use_restriction,
      grading: gradingOf(row),
      narrative: row.narrative,
      late: row.late,
      exercise: row.exercise,
      withdrawn: row.withdrawn_at !== null,
      withdrawalReason: row.withdrawal_reason,
      recordedAt: row.recorded_at,
    };
  }
}

function consignmentOf(row: ViolationRow): Violation['consignment'] {
  const { transport_mode: transportMode, direction, origin, transit, destination } = row;
  if (transportMode === null || direction === null || origin === null || destination === null) return null;
  return {
    transportMode,
    direction,
    route: { origin, transit: transit ?? [], destination },
    cargoUnits: row.cargo_units.map(cargoUnitOf),
    billOfLading: row.bill_of_lading,
  };
}
