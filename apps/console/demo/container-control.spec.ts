import { containerControl, containerControlSeizures } from './container-control.js';
import { demeter } from './demeter.js';
import { demoRiskIndicators } from './finds.js';
import { coordinatorKey, demoPeople, mombasaPostings } from './people.js';
import { faultsOfReport, faultsOfRoute, goodsHold, knownRiskIndicators, unitHolds } from './record-rules.testing.js';

describe.each(['2026-11-24T06:16:35.123Z', '2028-02-29T00:00:00Z'])(
  'Container control (demo), first started at %s',
  (text) => {
    const firstStart = new Date(text);
    const operation = containerControl(firstStart);
    const reports = containerControlSeizures(firstStart);

    it('stands without an end since two years, with KE, TZ and ZA, and officers posted from before', () => {
      const { kind, operationalStartsOn, operationalEndsOn, reportingDeadline } = operation.input;
      expect([kind, operationalEndsOn, reportingDeadline]).toEqual(['STANDING', undefined, undefined]);
      expect(operation.participants.map(({ country }) => country)).toEqual(['KE', 'TZ', 'ZA']);
      const postings = mombasaPostings(firstStart);
      expect(postings).toHaveLength(3);
      expect(postings.every(({ from }) => from < operationalStartsOn)).toBe(true);
    });

    it('has thirty accepted reports by three officers that keep the rules of the domain', () => {
      expect(reports).toHaveLength(30);
      expect(new Set(reports.map(({ reporterKey }) => reporterKey)).size).toBe(3);
      const faults = reports.flatMap((report) => [
        ...faultsOfReport(report, ['KE', 'TZ', 'ZA']),
        ...faultsOfRoute('KE', report.input.direction, report.input.route),
      ]);
      expect(faults).toEqual([]);
      for (const { input, settles, receivedAt } of reports) {
        expect(settles).toBe('ACCEPTED');
        expect(unitHolds(input.cargoUnit)).toBe(true);
        expect(input.lines.every((line) => goodsHold(line, input.crimeArea))).toBe(true);
        expect(input.riskIndicators.length).toBeGreaterThan(0);
        expect(receivedAt < firstStart).toBe(true);
      }
      expect(new Set(reports.map(({ input }) => input.cargoUnit.container)).size).toBe(30);
      expect(new Set(reports.map(({ input }) => input.id)).size).toBe(30);
      expect(containerControlSeizures(firstStart)).toEqual(reports);
    });

    it('speaks of risk indicators that are seeded', () => {
      expect(demoRiskIndicators.filter((code) => !knownRiskIndicators.has(code))).toEqual([]);
      const used = new Set(reports.flatMap(({ input }) => input.riskIndicators));
      expect([...used].filter((code) => !demoRiskIndicators.includes(code))).toEqual([]);
    });
  },
);

describe('Demeter (demo)', () => {
  it('lies ahead, with twelve open invitations that somebody can answer', () => {
    const { input, participants, openInvitations } = demeter(new Date('2026-12-31T23:30:00Z'));
    expect(input.operationalStartsOn > '2027-01-01').toBe(true);
    expect((input.operationalEndsOn ?? '') > input.operationalStartsOn).toBe(true);
    expect((input.reportingDeadline ?? '') > (input.operationalEndsOn ?? '')).toBe(true);
    expect(participants).toEqual([]);
    expect(new Set(openInvitations).size).toBe(12);
    const people = demoPeople.map(({ key }) => key);
    expect(openInvitations.every((country) => people.includes(coordinatorKey(country)))).toBe(true);
  });
});
