import { until } from './until.js';

test.each([undefined, null, false, 0])('%p is waited out, and the first that holds is given', async (notYet) => {
  const given = [notYet, notYet, 'now', 'later'];
  expect(await until(() => given.shift())).toBe('now');
});

test('an empty text holds', async () => {
  expect(await until(() => '')).toBe('');
});

test('a condition that throws does not hold yet', async () => {
  let calls = 0;
  const holds = await until(() => {
    calls++;
    if (calls < 3) throw new Error('too early');
    return calls;
  });
  expect(holds).toBe(3);
});

test('a wait that is too long fails with what it waited for and why', async () => {
  const cause = new Error('still not');
  const wait = until(() => Promise.reject(cause), { limit: 30, what: 'the sun rises' });
  await expect(wait).rejects.toMatchObject({ message: 'Not so within 30 ms: the sun rises', cause });
});
