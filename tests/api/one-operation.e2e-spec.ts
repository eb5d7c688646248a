import { Scene, LOG, REPORT, SEIZURE, seizureInput, violationInput } from '../setup/scene.js';
import type { Person } from '../setup/scene.js';
import { type Muster, startMuster, until } from '../setup/index.js';

let muster: Muster;
let scene: Scene;
let hub: Person;
let kenya: Person;
let tanzania: Person;
let officer: Person;
let operationId: string;
let agencies: Record<'KE' | 'TZ', string>;
let unitId: string;

beforeAll(async () => {
  muster = await startMuster();
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  agencies = { KE: await scene.agency('KE'), TZ: await scene.agency('TZ', 'POLICE') };
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
  tanzania = await scene.join(hub, operationId, 'TZ', agencies.TZ);
  unitId = await scene.unit('KE', 'KEMBA', [agencies.KE]);
  officer = await scene.person(agencies.KE, { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId });
  await scene.post(officer.id, unitId, agencies.KE, '2020-01-01');
  await scene.move(hub, operationId, 'OPERATIONAL');
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

test('a logged violation reaches the feed of those who may see it, and the trends', async () => {
  const logged = await kenya.do<{ id: string; quantityKg: string }>(LOG, {
    input: violationInput(operationId, agencies.KE),
  });
  expect(logged.quantityKg).toBe('22500');

  const feed = `query ($id: UUID!) { operationFeed(operationId: $id) { cursor hasMore events { cursor kind subjectId country payload } } }`;
  const told = await hub.do<{ events: { kind: string; subjectId: string }[] }>(feed, { id: operationId });
  expect(told.events.map(({ kind }) => kind)).toContain('violation.logged');
  const others = await tanzania.do<{ events: { kind: string; subjectId: string }[] }>(feed, { id: operationId });
  expect(others.events.map(({ subjectId }) => subjectId)).not.toContain(logged.id);

  const trend = await hub.do<{ cells: { key: string[]; value: string }[] }>(
    `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { key value suppressed } linesLeftOut asOf { cursor } } }`,
    { query: { operationIds: [operationId], measure: 'QUANTITY_KG', groupBy: ['COUNTRY', 'ORIGIN_COUNTRY'] } },
  );
  expect(trend.cells).toEqual([{ key: ['KE', 'NL'], value: '22500', suppressed: false }]);
});

test('a seizure report is acknowledged, settled by the worker and becomes a violation with its id', async () => {
  const input = seizureInput(operationId, unitId);
  const receipt = await officer.do<{ id: string; status: string }>(REPORT, { input });
  expect(receipt.status).toBe('RECEIVED');
  const seizure = await until(async () => {
    const found = await kenya.do<{ status: string; violation: { id: string; source: string } | null }>(SEIZURE, {
      id: receipt.id,
    });
    return found.status === 'RECEIVED' ? undefined : found;
  });
  expect(seizure).toMatchObject({ status: 'ACCEPTED', violation: { id: receipt.id, source: 'PORT_UNIT' } });
});
