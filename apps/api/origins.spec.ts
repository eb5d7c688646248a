import { Origins } from './origins.js';

const host = 'muster.example:3000';
const allowedOrigins = ['https://web.example'];
const origins = new Origins({ allowedOrigins });
const known = new Origins({ allowedOrigins, publicUrl: 'https://muster.example/' });

describe('where no setting says which origin is the own', () => {
  test.each([
    ['the own', 'http://muster.example:3000', true],
    ['the own behind a server with TLS', 'https://muster.example:3000', true],
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
});

describe('where PUBLIC_URL says which origin is the own', () => {
  test.each([
    ['that one', 'https://muster.example', true],
    ['an allowed one', 'https://web.example', true],
    ['the host that the request names', 'http://muster.example:3000', false],
    ['that host behind a server with TLS', 'https://muster.example:3000', false],
    ['that one by http', 'http://muster.example', false],
    ['another', 'https://evil.example', false],
  ])('%s', (_which, origin, isAdmitted) => {
    expect(known.admits({ origin, host })).toBe(isAdmitted);
  });

  test('a page whose own name was made to lead here is refused', () => {
    expect(known.admits({ origin: 'http://rebound.example:3000', host: 'rebound.example:3000' })).toBe(false);
  });
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
