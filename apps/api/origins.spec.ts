import { Origins } from './origins.js';

const host = 'muster.example:3000';
const origins = new Origins({ allowedOrigins: ['https://web.example'], publicUrl: 'https://muster.example' });

test.each([
  ['the own', 'http://muster.example:3000', true],
  ['the own behind a server with TLS', 'https://muster.example:3000', true],
  ['the one that the settings name as public', 'https://muster.example', true],
  ['an allowed one', 'https://web.example', true],
  ['an allowed one by http', 'http://web.example', false],
  ['an allowed one at another port', 'https://web.example:8443', false],
  ['one below an allowed one', 'https://evil.web.example', false],
  ['one that begins like an allowed one', 'https://web.example.evil.example', false],
  ['another', 'https://evil.example', false],
  ['the own at another port', 'http://muster.example:3001', false],
  ['that of a sandboxed page', 'null', false],
  ['an empty one', '', false],
  ['no URL', 'muster.example:3000', false],
])('%s', (_which, origin, isAdmitted) => {
  expect(origins.admits({ origin, host })).toBe(isAdmitted);
});

test('a program that sends no origin passes, and so does a person who follows a link', () => {
  expect(origins.admits({ host })).toBe(true);
  expect(origins.admits({ host, site: 'same-origin', mode: 'cors' })).toBe(true);
  expect(origins.admits({ host, site: 'none', mode: 'navigate' })).toBe(true);
  expect(origins.admits({ host, site: 'cross-site', mode: 'navigate' })).toBe(true);
  expect(origins.admits({ host, site: 'cross-site', mode: 'no-cors' })).toBe(false);
});

test('a usual port is the same whether it is named or not', () => {
  expect(origins.admits({ origin: 'https://own.example', host: 'own.example:443' })).toBe(true);
  expect(origins.admits({ origin: 'http://own.example', host: 'own.example:80' })).toBe(true);
  expect(origins.admits({ origin: 'http://own.example', host: 'own.example:443' })).toBe(false);
});
