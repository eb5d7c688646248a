import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { io, type Socket } from 'socket.io-client';

import { type Muster, startMuster } from '../setup/index.js';
import { Scene } from '../setup/scene.js';
import { wrongAfterUploads } from './after-uploads.js';
import { Dice } from './dice.js';
import { DocumentMaker, mutated } from './documents.js';
import { exchange } from './exchange.js';
import { type RawRequest, rawRequest } from './raw-requests.js';
import { PACKETS, socketMessage } from './socket-messages.js';
import { type Caller, setStage, type Stage } from './stage.js';
import { setUploadStage, type UploadStage } from './upload-stage.js';
import { Uploads } from './uploads.js';
import { ValueMaker } from './values.js';

/** `FUZZ_CASES` says how many and `FUZZ_SEED` which: the same ones in each run unless it is given, `random` for others. `FUZZ_CASE` throws the one of that number alone, as a finding names it. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 3_000);
const GIVEN = process.env['FUZZ_SEED'] ?? '2026';
const SEED = GIVEN === 'random' ? String(Date.now() % 1_000_000) : GIVEN;
const ONLY = process.env['FUZZ_CASE'];
const AT_ONCE = 12;
/** The share of the cases that are uploads; with `FUZZ_UPLOADS=1` all are. */
const UPLOADS = Number(process.env['FUZZ_UPLOADS'] ?? 0.15);

/** Codes of the contract; any other word is an answer that nobody wrote. INTERNAL is one too, and always a finding. */
const CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'PHASE',
  'BAD_USER_INPUT',
  'RATE_LIMITED',
  'UNAVAILABLE',
];
/** What only the inside knows: places in the code, statements, names of the libraries. None of it is ever sent by the cases. */
const INSIDE =
  /node_modules|ENOENT|EEXIST|EISDIR|ENOTDIR|ENAMETOOLONG|dist\/(apps|libs)|\.[jt]s:\d+:\d+|QueryFailedError|relation \\?"|syntax error at or near|duplicate key value|ECONNREFUSED|postgres(ql)?:\/\//;

let muster: Muster;
let scene: Scene;
let stage: Stage;
let folder: string;
let uploadStage: UploadStage;
let uploads: Uploads;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-test-fuzz-'));
  muster = await startMuster({ env: { DATA_DIR: folder } });
  scene = await Scene.open(muster);
  stage = await setStage(scene);
  uploadStage = await setUploadStage(
    scene,
    stage.callers.flatMap(({ person }) => person ?? []),
  );
  uploads = new Uploads(scene, uploadStage, (text) => wrongIn(text, { name: 'a bringer of files' }));
}, 120_000);

afterAll(async () => {
  await scene.close();
  await muster.stop();
  await rm(folder, { recursive: true, force: true });
});

test(
  `${CASES} mutated requests and messages: no crash, nothing told of the inside, nothing of records that the sender may not see (seed ${SEED})`,
  async () => {
    if (ONLY !== undefined) {
      expect(await run(Number(ONLY))).toEqual([]);
      expect(await afterUploads()).toEqual([]);
      return;
    }
    const findings: string[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < CASES && findings.length < 10) {
        const index = next++;
        findings.push(...(await run(index)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    // One that was refused is a finding already.
    await Promise.allSettled([...sockets.values()].map(async (socket) => (await socket).disconnect()));
    expect(findings).toEqual([]);
    expect(await afterUploads()).toEqual([]);
    expect((await fetch(`${muster.url}/health/ready`)).status).toBe(200);
    for (const program of [...muster.apis, muster.worker])
      expect(program?.output()).not.toMatch(
        /Uncaught|Unhandled|"level":60|An attachment has to wait|request for an attachment failed/,
      );
    // Cases that are all refused at the door would try nothing behind it.
    const others = CASES * (1 - UPLOADS);
    expect(counts.answered).toBeGreaterThanOrEqual(others / 10);
    expect(counts.refused).toBeGreaterThanOrEqual(others / 10);
    expect(counts.unavailable).toBeLessThanOrEqual(CASES / 100);
    expect(uploads.counts.whole).toBeGreaterThan((CASES * UPLOADS) / 4);
    const all = { ...counts, uploads: uploads.counts };
    process.stderr.write(`fuzz: seed ${SEED}, ${CASES} cases: ${JSON.stringify(all)}\n`);
  },
  CASES * 40 + 60_000,
);

const counts = { answered: 0, refused: 0, unavailable: 0, odd: 0, messages: 0, events: 0 };

const afterUploads = (): Promise<string[]> =>
  wrongAfterUploads(scene, uploadStage, uploads.left, join(folder, 'attachments'));

/** Throws one case, and gives what was found wrong with its answer. */
async function run(index: number): Promise<string[]> {
  const dice = new Dice(`${SEED}:${index}`);
  const caller = dice.pick(stage.callers);
  const values = new ValueMaker(dice, stage.known, dice.pick([0, 0, 0.02, 0.1, 0.3]));
  const kind = dice.next();
  const name = `case ${index} of seed ${SEED} as ${caller.name}`;
  try {
    if (kind >= 1 - UPLOADS) return await uploads.run(dice, `case ${index} of seed ${SEED}`);
    if (kind < 0.1) return await runMessage(dice, values, caller, name);
    if (kind < 0.22)
      return await runRaw(
        rawRequest(dice, goodBody(dice, values, caller), stage.known.ids, caller.person?.token),
        caller,
        name,
      );
    const body = kind < 0.4 ? mutatedBody(dice, values, caller) : goodBody(dice, values, caller);
    // The same document once more is compiled.
    const times = dice.chance(0.2) ? 3 : 1;
    const found: string[] = [];
    for (let time = 0; time < times; time += 1)
      found.push(...(await runRaw(graphqlRequest(body, caller), caller, name)));
    return found;
  } catch (error) {
    return [`${name}: ${String(error)} ${error instanceof Error ? String(error.cause) : ''}`];
  }
}

function goodBody(dice: Dice, values: ValueMaker, caller: Caller): string {
  if (dice.chance(0.25)) {
    const { query, input } = dice.pick(stage.templates);
    const changed = { ...input, id: dice.chance(0.9) ? dice.uuid() : dice.pick(stage.known.ids) };
    return JSON.stringify({ query, variables: { input: withHostileFields(changed, dice, values) } });
  }
  return JSON.stringify(new DocumentMaker(dice, values, caller.leaves).make());
}

function mutatedBody(dice: Dice, values: ValueMaker, caller: Caller): string {
  const { query, variables } = new DocumentMaker(dice, values, new Set([...caller.leaves, 'grantRole'])).make();
  return JSON.stringify({ query: mutated(query, dice), variables });
}

/** A right report with a few fields, at any depth, in which something hostile stands. */
function withHostileFields(input: unknown, dice: Dice, values: ValueMaker): unknown {
  if (dice.chance(0.03)) return values.hostile(input);
  if (Array.isArray(input)) return input.map((item) => withHostileFields(item, dice, values));
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(
    Object.entries(input).map(([field, value]) => [field, withHostileFields(value, dice, values)]),
  );
}

function graphqlRequest(body: string, { person }: Caller): RawRequest {
  const authorization: Record<string, string> = person === undefined ? {} : { authorization: `Bearer ${person.token}` };
  return {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', ...authorization },
    body: Buffer.from(body),
  };
}

async function runRaw(sent: RawRequest, caller: Caller, name: string): Promise<string[]> {
  const told = JSON.stringify({
    ...sent,
    headers: { ...sent.headers, authorization: '…' },
    body: sent.body?.toString().slice(0, 3_000),
  });
  const { status, text } = await exchange(muster.url, sent).catch((error: unknown) => {
    throw new Error(`no answer for ${told}`, { cause: error });
  });
  const found = wrongIn(text, caller);
  if (status >= 500) found.push(`HTTP ${status}`);
  for (const { extensions, message } of errorsIn(text)) {
    const code = String(extensions?.['code']);
    if (!CODES.includes(code)) found.push(`the code ${code} (${message}) ${lastError()}`);
    if (code === 'UNAVAILABLE') counts.unavailable += 1;
  }
  if (sent.path !== '/graphql') counts.odd += 1;
  else if (/"data":\{.*?:[^n}]/.test(text)) counts.answered += 1;
  else counts.refused += 1;
  return found.map((what) => `${name}: ${what}, for ${told}, answered ${text.slice(0, 600)}`);
}

/** What the api wrote of its latest inner error. */
const lastError = (): string => {
  const lines = (muster.apis[0]?.output() ?? '').split('\n').filter((line) => line.includes('"errorId"'));
  return (lines[lines.length - 1] ?? '').slice(0, 1_500);
};

/** What no answer may hold. */
function wrongIn(text: string, { name }: Pick<Caller, 'name'>): string[] {
  const leaks = stage.marks
    .filter((mark) => !mark.readers.includes(name) && text.includes(mark.text))
    .map(({ what }) => `it tells ${what}`);
  const inside = INSIDE.exec(text)?.[0] ?? (text.includes(folder) ? folder : undefined);
  return inside === undefined ? leaks : [...leaks, `it tells of the inside: ${inside}`];
}

interface TellingError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

function errorsIn(text: string): readonly TellingError[] {
  try {
    const { errors } = JSON.parse(text) as { readonly errors?: unknown };
    return Array.isArray(errors) ? (errors as readonly TellingError[]) : [];
  } catch {
    return [];
  }
}

const sockets = new Map<string, Promise<Socket>>();
const heard = new Map<string, string[]>();

async function runMessage(dice: Dice, values: ValueMaker, caller: Caller, name: string): Promise<string[]> {
  if (caller.person === undefined) return runHandshake(dice, values, caller, name);
  const socket = await connected(caller);
  counts.messages += 1;
  if (dice.chance(0.1)) {
    socket.io.engine.write(dice.pick(PACKETS));
    return drain(caller, name);
  }
  const { event, args, wantsAnswer } = socketMessage(dice, values, stage.known);
  if (!wantsAnswer || event === '' || RESERVED.includes(event)) {
    if (!RESERVED.includes(event)) socket.emit(event, ...args);
    return drain(caller, name);
  }
  const answer: unknown = await socket
    .timeout(3_000)
    .emitWithAck(event, ...args)
    .catch(() => undefined);
  const text = JSON.stringify(answer) ?? '';
  const found = wrongIn(text, caller);
  if (text.includes('INTERNAL')) found.push('the code INTERNAL');
  return [
    ...found.map(
      (what) => `${name}: ${what}, for ${JSON.stringify({ event, args }).slice(0, 2_000)}, answered ${text}`,
    ),
    ...drain(caller, name),
  ];
}

/** Names that the client itself does not emit. */
const RESERVED = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'];

/** Tries to come in with something else than a token. */
async function runHandshake(dice: Dice, values: ValueMaker, caller: Caller, name: string): Promise<string[]> {
  const auth = dice.chance(0.5) ? { token: values.hostile() } : { [dice.pick(['a', 'constructor'])]: values.hostile() };
  const socket = io(`${muster.url}${dice.pick(['/live', '/live', '/', '/admin'])}`, {
    auth,
    reconnection: false,
    forceNew: true,
    timeout: 5_000,
  });
  counts.messages += 1;
  const outcome = await new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('connected'));
    socket.once('connect_error', (error) =>
      resolve(JSON.stringify({ message: error.message, data: (error as { data?: unknown }).data })),
    );
    socket.once('disconnect', () => resolve('ended'));
  });
  socket.disconnect();
  const found = wrongIn(outcome, caller);
  if (outcome === 'connected' || outcome.includes('INTERNAL')) found.push(outcome);
  return found.map((what) => `${name}: ${what}, for a socket with ${JSON.stringify(auth).slice(0, 2_000)}`);
}

/** A caller's own socket; a new one where the server has ended the one before. */
async function connected(caller: Caller): Promise<Socket> {
  const before = await sockets.get(caller.name);
  if (before?.connected) return before;
  const opening = new Promise<Socket>((resolve, reject) => {
    const socket = io(`${muster.url}/live`, {
      auth: { token: caller.person?.token },
      reconnection: false,
      forceNew: true,
      transports: ['websocket'],
    });
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', reject);
    socket.onAny((event: string, ...args: unknown[]) => {
      counts.events += 1;
      const found = wrongIn(JSON.stringify([event, args]), caller);
      heard.set(caller.name, [...(heard.get(caller.name) ?? []), ...found]);
    });
  });
  sockets.set(caller.name, opening);
  return opening;
}

function drain({ name: caller }: Caller, name: string): string[] {
  const found = heard.get(caller) ?? [];
  heard.delete(caller);
  return found.map((what) => `${name}: over the socket ${what}`);
}
