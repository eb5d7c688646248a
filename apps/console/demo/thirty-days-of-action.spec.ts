import { Decimal } from 'decimal.js';

import { AgencyKind } from '#identity';
import { OffenceNature, QuantityUnit, Scene, TransportMode, ValueBasis } from '#reference';

import { demoAgencies, demoPeople } from './people.js';
import { faultsOfConsignment, faultsOfReport, goodsHold, placeHolds } from './record-rules.testing.js';
import type { DemoViolation } from './records.js';
import { actionFindings, actionViolations, thirtyDaysOfAction, withinWindow } from './thirty-days-of-action.js';

const records = actionViolations();
const accepted = thirtyDaysOfAction.participants.map(({ country }) => country);

const sum = (values: readonly (string | number)[]): string => Decimal.sum(0, ...values).toFixed();
const linesOf = (some: readonly DemoViolation[]) => some.flatMap(({ input }) => input.lines);

/** Kilograms by the contract's rule, worked out anew: TONNE, KG, and a net weight beside a count; nothing else. */
function kilograms(some: readonly DemoViolation[]): string {
  return sum(
    linesOf(some).map(({ quantity, unit, netWeightKg }) => {
      if (unit === QuantityUnit.TONNE) return new Decimal(quantity).times(1000).toFixed();
      return unit === QuantityUnit.KG ? quantity : (netWeightKg ?? '0');
    }),
  );
}

const of = (nature: OffenceNature, scene?: Scene): DemoViolation[] =>
  records.filter(({ input }) => input.nature === nature && (!scene || input.scene === scene));

describe('30 Days of Action', () => {
  it('has 43 countries, NL and IE among them, eight led by customs', () => {
    expect(new Set(accepted).size).toBe(43);
    expect(accepted).toEqual(expect.arrayContaining(['NL', 'IE']));
    const kinds = new Map(demoAgencies.map(({ key, kind }) => [key, kind]));
    const leads = thirtyDaysOfAction.participants.map(({ leadAgencyKey }) => kinds.get(leadAgencyKey));
    expect(leads.filter((kind) => kind === AgencyKind.CUSTOMS)).toHaveLength(8);
    expect(leads).not.toContain(undefined);
  });

  it('has 664 violations: 226 criminal, 413 administrative, 25 undetermined', () => {
    expect(records).toHaveLength(664);
    expect([
      of(OffenceNature.CRIMINAL).length,
      of(OffenceNature.ADMINISTRATIVE).length,
      of(OffenceNature.UNDETERMINED).length,
    ]).toEqual([226, 413, 25]);
  });

  it('has crimes of 141 shipments with 14,000 t and 85 sites with over 1 million t', () => {
    const [shipments, sites] = [of(OffenceNature.CRIMINAL, Scene.CONSIGNMENT), of(OffenceNature.CRIMINAL, Scene.SITE)];
    expect([shipments.length, sites.length]).toEqual([141, 85]);
    expect(kilograms(shipments)).toBe('14000000');
    expect(kilograms(sites)).toBe('1048700000');
  });

  it('has over 1.5 million t in all', () => {
    expect(kilograms(records)).toBe('1512300000');
  });

  it('has USD 33,000,000.00, all of it estimated', () => {
    expect(sum(linesOf(records).map(({ value }) => value ?? 'absent'))).toBe('33000000');
    expect(
      linesOf(records).every(({ currency, valueBasis }) => currency === 'USD' && valueBasis === ValueBasis.ESTIMATED),
    ).toBe(true);
  });

  it('has 483 persons and 264 companies', () => {
    expect(sum(records.map(({ input }) => input.persons))).toBe('483');
    expect(sum(records.map(({ input }) => input.companies))).toBe('264');
  });

  it('is mostly about metal and electronic waste of the car trade, and most shipments move by sea', () => {
    const carTrade = [
      'ewaste-hazardous',
      'metal-waste-hazardous',
      'lead-acid-batteries-waste',
      'cable-waste',
      'end-of-life-vehicles',
    ];
    const crimes = of(OffenceNature.CRIMINAL);
    const about = crimes.filter(({ input }) => carTrade.includes(input.lines[0]?.commodity ?? ''));
    expect(about.length).toBeGreaterThan(crimes.length / 2);
    const shipments = of(OffenceNature.CRIMINAL, Scene.CONSIGNMENT);
    const bySea = shipments.filter(({ input }) => input.consignment?.transportMode === TransportMode.MARITIME);
    expect(bySea.length).toBeGreaterThan(shipments.length / 2);
  });

  it('shows the Middle East at export, and Latin America and the Caribbean at import, at export and within', () => {
    const middleEast = ['AE', 'OM', 'SA', 'JO', 'LB'];
    const latin = ['BR', 'MX', 'CL', 'CO', 'PE', 'PA', 'CR', 'UY', 'EC'];
    const routes = records.flatMap(({ input }) => (input.consignment ? [input.consignment.route] : []));
    const count = (holds: (origin: boolean, destination: boolean) => boolean, region: readonly string[]): number =>
      routes.filter(
        ({ origin, destination }) =>
          origin !== destination && holds(region.includes(origin), region.includes(destination)),
      ).length;
    const exported = count((origin, destination) => origin && !destination, middleEast);
    expect(exported).toBeGreaterThan(20);
    expect(exported).toBeGreaterThan(2 * count((origin, destination) => !origin && destination, middleEast));
    expect(count((origin, destination) => origin && !destination, latin)).toBeGreaterThan(5);
    expect(count((origin, destination) => !origin && destination, latin)).toBeGreaterThan(5);
    expect(count((origin, destination) => origin && destination, latin)).toBeGreaterThan(3);
  });

  it('keeps the rules of the domain in every record', () => {
    const faults = records.flatMap((record) => [
      ...faultsOfReport(record, accepted),
      ...faultsOfConsignment(record.country, record.input.scene, record.input.consignment),
    ]);
    expect(faults).toEqual([]);
    expect(
      records.filter(({ country, input }) => !placeHolds(country, input.place)).map(({ input }) => input.place),
    ).toEqual([]);
    expect(linesOf(records).filter((line) => !goodsHold(line, 'POLLUTION'))).toEqual([]);
  });

  it('is seen by all who take part, so that each of them is shown the exact totals', () => {
    expect(new Set(records.map(({ input }) => JSON.stringify(input.sharing)))).toEqual(
      new Set(['{"level":"GREEN"}', '{"level":"CLEAR"}']),
    );
  });

  it('names no cargo unit and no id twice', () => {
    const units = records
      .flatMap(({ input }) => input.consignment?.cargoUnits ?? [])
      .map((unit) => JSON.stringify(unit));
    expect(new Set(units).size).toBe(units.length);
    expect(new Set(records.map(({ input }) => input.id)).size).toBe(664);
  });

  it('is found and recorded on days of June 2017 in Paris, from the first to the last day, in order', () => {
    const paris = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' });
    const days = records.map(({ input }) => paris.format(input.detectedAt));
    expect(days.every((day) => day >= '2017-06-01' && day <= '2017-06-30')).toBe(true);
    expect(new Set(days).size).toBe(30);
    const received = records.map(({ receivedAt }) => receivedAt.getTime());
    expect(received).toEqual([...received].sort((a, b) => a - b));
    expect(paris.format(records.at(-1)?.receivedAt)).toBe('2017-06-30');
    expect(records[0]?.receivedAt.getTime()).toBeGreaterThan(
      thirtyDaysOfAction.timeline.operationalAt?.getTime() ?? Infinity,
    );
    expect(records.every(({ input }) => !input.offenceTo || (input.offenceFrom ?? '') < input.offenceTo)).toBe(true);
  });

  it.each([
    ['2017-05-31T21:00:00Z', '2017-06-01T21:00:00Z'],
    ['2017-05-31T22:00:00Z', '2017-05-31T22:00:00Z'],
    ['2017-06-30T19:59:00Z', '2017-06-30T19:59:00Z'],
    ['2017-07-01T01:00:00Z', '2017-06-30T01:00:00Z'],
  ])('moves what was found at %s to %s', (at, moved) => {
    expect(withinWindow(new Date(at))).toEqual(new Date(moved));
  });

  it('is recorded by agencies and people of the owning country, every country with some', () => {
    const agencies = new Map(demoAgencies.map((agency) => [agency.key, agency.country]));
    const people = new Map(demoPeople.map((person) => [person.key, person.country]));
    const strange = records.filter(
      (it) => agencies.get(it.agencyKey) !== it.country || people.get(it.authorKey) !== it.country,
    );
    expect(strange).toEqual([]);
    expect(new Set(records.map(({ country }) => country))).toEqual(new Set(accepted));
  });

  it('says that records are invented, and gives the same records each time', () => {
    expect(thirtyDaysOfAction.input.objectives).toContain('invented for illustration');
    expect(actionFindings.every(({ text }) => text.includes('invented for illustration'))).toBe(true);
    expect(actionViolations()).toEqual(records);
  });
});
