import { addDays, dayIn } from '#platform';
import { QuantityUnit } from '#reference';

import { demoRiskIndicators } from './finds.js';
import { demoAgencies, demoPeople, mombasaPostings, mombasaUnit } from './people.js';
import {
  containerDigit,
  faultsOfConsignment,
  faultsOfReport,
  faultsOfRoute,
  goodsHold,
  knownRiskIndicators,
  placeHolds,
  unitHolds,
} from './record-rules.testing.js';
import { seaEnds, seaSeizures, seaViolations, thirtyDaysAtSea } from './thirty-days-at-sea.js';

const firstStarts = [
  '2026-11-24T06:16:35.123Z',
  '2026-01-01T00:00:30Z',
  '2027-12-31T23:59:59.999Z',
  '2028-02-29T12:00:00Z',
  '2028-03-05T00:14:00Z',
];

describe.each(firstStarts)('30 Days at Sea (demo), first started at %s', (text) => {
  const firstStart = new Date(text);
  const operation = thirtyDaysAtSea(firstStart);
  const records = seaViolations(firstStart);
  const reports = seaSeizures(firstStart);
  const accepted = operation.participants.map(({ country }) => country);
  const today = text.slice(0, 10);

  it('begins ten days before that day and lasts thirty', () => {
    const { operationalStartsOn, operationalEndsOn = '', reportingDeadline = '' } = operation.input;
    expect(addDays(operationalStartsOn, 10)).toBe(today);
    expect(addDays(operationalStartsOn, 29)).toBe(operationalEndsOn);
    expect(reportingDeadline > operationalEndsOn).toBe(true);
    expect(seaEnds(new Date(firstStart.getTime() + 40 * 86_400_000)).operationalEndsOn).toBe(
      addDays(operationalEndsOn, 40),
    );
  });

  it('has 58 countries, each with a lead agency and a coordinator', () => {
    expect(new Set(accepted).size).toBe(58);
    expect(accepted).toEqual(expect.arrayContaining(['KE', 'TZ', 'ZA', 'OM', 'AE', 'NL', 'BR']));
    const agencies = new Set(demoAgencies.map(({ key }) => key));
    const people = new Set(demoPeople.map(({ key }) => key));
    const holds = operation.participants.every(
      ({ leadAgencyKey, coordinatorKeys }) =>
        agencies.has(leadAgencyKey) && coordinatorKeys.every((key) => people.has(key)),
    );
    expect(holds).toBe(true);
  });

  it('has some 300 violations, 40 or more of Kenya and some of each country', () => {
    expect(records.length).toBeGreaterThanOrEqual(280);
    const count = (code: string): number => records.filter(({ country }) => country === code).length;
    expect(count('KE')).toBeGreaterThanOrEqual(40);
    expect(Math.min(...['TZ', 'ZA', 'OM', 'AE', 'NL', 'BR'].map(count))).toBeGreaterThanOrEqual(5);
    expect(Math.min(...accepted.map(count))).toBeGreaterThan(0);
  });

  it('keeps the rules of the domain in every violation', () => {
    const faults = records.flatMap((record) => [
      ...faultsOfReport(record, accepted),
      ...faultsOfConsignment(record.country, record.input.scene, record.input.consignment),
    ]);
    expect(faults).toEqual([]);
    expect(
      records.filter(({ country, input }) => !placeHolds(country, input.place)).map(({ input }) => input.place),
    ).toEqual([]);
    expect(records.filter(({ input }) => !input.lines.every((line) => goodsHold(line, input.crimeArea)))).toEqual([]);
    const scenes = new Set(records.map(({ input }) => input.scene as string));
    expect(scenes).toEqual(new Set(['VESSEL', 'COAST', 'WATERWAY', 'SITE', 'CONSIGNMENT', 'ONLINE', 'MARKET']));
  });

  it('is found within the window and a quarter of an hour or more before the start, and taken in before it', () => {
    for (const { input, receivedAt } of [...records, ...reports]) {
      expect(dayIn('Etc/UTC', input.detectedAt) >= operation.input.operationalStartsOn).toBe(true);
      expect(firstStart.getTime() - input.detectedAt.getTime()).toBeGreaterThanOrEqual(15 * 60_000);
      expect(receivedAt.getTime()).toBeLessThan(firstStart.getTime());
      expect(receivedAt.getTime()).toBeGreaterThan(operation.timeline.operationalAt?.getTime() ?? Infinity);
    }
    for (const list of [records, reports]) {
      const received = list.map(({ receivedAt }) => receivedAt.getTime());
      expect(received).toEqual([...received].sort((a, b) => a - b));
    }
  });

  it('names no id twice, and no cargo unit twice but where a seizure means to', () => {
    const ids = [...records, ...reports].map(({ input }) => input.id);
    expect(new Set(ids).size).toBe(ids.length);
    const loads = records
      .flatMap(({ input }) => input.consignment?.cargoUnits ?? [])
      .map((unit) => JSON.stringify(unit));
    const units = [...loads, ...reports.map(({ input }) => JSON.stringify(input.cargoUnit))];
    expect(new Set(units).size).toBe(units.length - 2);
  });

  it('has twelve seizures of Mombasa: nine clean, two of a container again within days, one marked with a wrong digit', () => {
    expect(reports).toHaveLength(12);
    const seen = new Map<string, number>();
    for (const { input, settles } of reports) {
      const { container = '', asMarked } = input.cargoUnit;
      expect(asMarked).toBe(containerDigit(container) !== container.slice(10));
      expect(asMarked || unitHolds(input.cargoUnit)).toBe(true);
      const before = seen.get(container);
      const again = before !== undefined && input.detectedAt.getTime() - before < 7 * 86_400_000;
      expect(before === undefined || again).toBe(true);
      expect(settles).toBe(again || asMarked ? 'NEEDS_REVIEW' : 'ACCEPTED');
      seen.set(container, input.detectedAt.getTime());
    }
    expect(reports.filter(({ settles }) => settles === 'ACCEPTED')).toHaveLength(9);
    expect(reports.filter(({ input }) => input.cargoUnit.asMarked)).toHaveLength(1);
  });

  it('keeps the rules of the domain in every seizure', () => {
    const faults = reports.flatMap((report) => [
      ...faultsOfReport(report, accepted),
      ...faultsOfRoute('KE', report.input.direction, report.input.route),
    ]);
    expect(faults).toEqual([]);
    const posted = new Map(mombasaPostings(firstStart).map(({ personKey, from }) => [personKey, from]));
    const home = new Map(demoPeople.map(({ key, agencyKey }) => [key, agencyKey]));
    for (const { input, reporterKey, agencyKeys } of reports) {
      expect((posted.get(reporterKey) ?? '9') < operation.input.operationalStartsOn).toBe(true);
      expect(mombasaUnit.agencyKeys).toEqual(expect.arrayContaining([...agencyKeys]));
      expect(agencyKeys).not.toContain(home.get(reporterKey));
      expect(
        input.riskIndicators.every((code) => demoRiskIndicators.includes(code) && knownRiskIndicators.has(code)),
      ).toBe(true);
      expect(input.lines.every((line) => goodsHold(line, input.crimeArea))).toBe(true);
    }
  });

  it('gives the same records each time', () => {
    expect(seaViolations(firstStart)).toEqual(records);
    expect(seaSeizures(firstStart)).toEqual(reports);
  });
});

describe('the lines of 30 Days at Sea (demo)', () => {
  const lines = seaViolations(new Date('2026-11-24T06:16:35Z')).flatMap(({ input }) => input.lines);

  it('stand in several units, some of them without a weight', () => {
    const units = new Set(lines.map(({ unit }) => unit as string));
    expect([...units]).toEqual(expect.arrayContaining(['KG', 'LITRE', 'PIECE', 'TONNE', 'CUBIC_METRE']));
    expect(lines.some(({ unit, netWeightKg }) => unit === QuantityUnit.PIECE && netWeightKg)).toBe(true);
    expect(lines.some(({ unit, netWeightKg }) => unit === QuantityUnit.PIECE && !netWeightKg)).toBe(true);
  });
});
