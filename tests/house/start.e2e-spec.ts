import { type Muster, startMuster } from '../setup/index.js';

let muster: Muster;

beforeAll(async () => {
  // The options of the test run would silence what Node itself warns of.
  muster = await startMuster({ env: { NODE_OPTIONS: '' } });
});

afterAll(async () => {
  await muster.stop();
});

test('api and worker start without a warning, of their own, of Node or of a library', () => {
  expect([muster.apis[0]?.output(), muster.worker?.output()]).toEqual(['', '']);
});
