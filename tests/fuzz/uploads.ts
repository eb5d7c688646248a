import { type LocalFile, fileOf, LINK, sha256 } from '../setup/attachments.js';
import type { Scene } from '../setup/scene.js';
import type { Dice } from './dice.js';
import { exchange, type RawAnswer, type Sending } from './exchange.js';
import type { RawRequest } from './raw-requests.js';
import { base64, mangled, mangledLink, type TusPart, tusRequest, UPLOADS } from './tus-requests.js';
import type { Keeper, UploadStage } from './upload-stage.js';

/** What has to come of an attachment. PASSED: READY, or refused for what it is. */
export type Expected = 'READY' | 'PASSED' | 'OTHER_CONTENT' | 'AWAITED';

/** An attachment that a case left behind. */
export interface Left {
  readonly name: string;
  readonly what: string;
  readonly keeper: Keeper;
  readonly recordId: string;
  readonly id: string;
  readonly expected: Expected;
}

interface Listed {
  readonly keeper: Keeper;
  readonly recordId: string;
  readonly file: LocalFile;
}

/** One case: what is done, to what, and what is found wrong on the way. */
interface Case {
  readonly dice: Dice;
  readonly name: string;
  readonly found: string[];
}

/** Uploads that are right, mangled, cut off, at once and not one's own; and links that are not the ones that were given. */
export class Uploads {
  readonly left: Left[] = [];
  readonly counts = { requests: 0, refused: 0, whole: 0, links: 0 };

  constructor(
    private readonly scene: Scene,
    private readonly stage: UploadStage,
    /** What no answer may hold. */
    private readonly wrongIn: (text: string) => readonly string[],
  ) {}

  /** Throws one case, and gives what was found wrong. */
  async run(dice: Dice, name: string): Promise<string[]> {
    const thrown: Case = { dice, name, found: [] };
    const kind = dice.next();
    if (kind < 0.3) await this.file(thrown);
    else if (kind < 0.4) await this.otherContent(thrown);
    else if (kind < 0.7) await this.mangledSequence(thrown);
    else if (kind < 0.8) await this.atOnce(thrown);
    else if (kind < 0.9) await this.notOnesOwn(thrown);
    else if (kind < 0.93) await this.endedSession(thrown);
    else await this.links(thrown);
    return thrown.found;
  }

  /** A file of any kind, brought as it should be. */
  private async file(thrown: Case): Promise<void> {
    const { dice } = thrown;
    const { bytes, name, what, isRight } = this.stage.maker.make(dice);
    const listed = await this.listed(dice, fileOf(bytes, name, dice.pick(['image/jpeg', 'text/html', 'x'])));
    await this.bring(thrown, listed);
    this.leave(thrown, listed, isRight ? 'READY' : 'PASSED', what);
  }

  /** Another file than the one that was listed: of the same size, or not even that. */
  private async otherContent(thrown: Case): Promise<void> {
    const { dice } = thrown;
    const { bytes, name } = this.stage.maker.makeRight(dice);
    const listed = await this.listed(dice, fileOf(bytes, name));
    if (dice.chance(0.3)) {
      const size = dice.pick([0, 1, bytes.length - 1, bytes.length + 1, 2 ** 31, 2 ** 40]);
      const headers = { ...beginning(listed), 'upload-length': String(size) };
      const { status } = await this.ask(thrown, { method: 'POST', path: UPLOADS, token: tokenOf(listed), headers });
      if (status !== 400) note(thrown, `an upload of another size was answered with ${status}`);
      return this.leave(thrown, listed, 'AWAITED', 'another size');
    }
    const other = Buffer.from(bytes);
    const at = dice.whole(0, other.length - 1);
    other[at] = (other[at] ?? 0) ^ 1;
    const { status } = await this.bringBytes(thrown, listed, other);
    if (status !== 460) note(thrown, `another content was answered with ${status}`);
    if (dice.chance(0.5)) return this.leave(thrown, listed, 'OTHER_CONTENT', 'another content');
    await this.bring(thrown, listed);
    this.leave(thrown, listed, 'READY', 'another content, and then the right one');
  }

  /** Requests of which any may be mangled or cut off; then all as it should be. */
  private async mangledSequence(thrown: Case): Promise<void> {
    const { dice } = thrown;
    const { bytes, name } = this.stage.maker.makeRight(dice);
    const listed = await this.listed(dice, fileOf(bytes, name));
    const token = tokenOf(listed);
    const known = [...this.stage.foreign.map(({ path }) => idIn(path)), listed.recordId, listed.file.listed.id];
    const send = (part: TusPart, how = 0.7): Promise<RawAnswer> => {
      const request = tusRequest(part);
      return this.exchange(thrown, dice.chance(how) ? mangled(request, dice, known) : request);
    };
    const hasFirstPart = dice.chance(0.3);
    const begun = await send(
      {
        method: 'POST',
        path: UPLOADS,
        token,
        headers: beginning(listed),
        ...(hasFirstPart ? { body: bytes.subarray(0, dice.whole(0, bytes.length)) } : {}),
      },
      0.4,
    );
    const path = pathIn(begun) ?? `${UPLOADS}/${dice.uuid()}`;
    known.push(idIn(path));
    let offset = 0;
    for (let step = dice.whole(1, 4); step > 0; step -= 1) {
      const body = bytes.subarray(offset, dice.chance(0.4) ? bytes.length : dice.whole(offset, bytes.length));
      const answer = await dice.pick([
        () => send({ method: 'PATCH', path, token, headers: { 'upload-offset': String(offset) }, body }),
        () => send({ method: 'PATCH', path, token, headers: { 'upload-offset': String(offset) }, body }),
        () => send({ method: 'HEAD', path, token }),
        () => send({ method: dice.pick(['DELETE', 'OPTIONS', 'GET']), path, token }, 0.3),
      ])();
      const at = Number(answer.headers['upload-offset'] ?? offset);
      if (!(at >= 0 && at <= bytes.length)) note(thrown, `an upload of ${bytes.length} bytes stands at ${at}`);
      else offset = at;
    }
    await this.bring(thrown, listed);
    this.leave(thrown, listed, 'READY', 'a mangled sequence');
  }

  /** Requests of one upload, or of one attachment, that come at one instant. */
  private async atOnce(thrown: Case): Promise<void> {
    const { dice } = thrown;
    const { bytes, name } = this.stage.maker.makeRight(dice);
    const listed = await this.listed(dice, fileOf(bytes, name));
    const token = tokenOf(listed);
    const post = (): Promise<RawAnswer> =>
      this.ask(thrown, {
        method: 'POST',
        path: UPLOADS,
        token,
        headers: beginning(listed),
        ...(dice.chance(0.5) ? { body: bytes.subarray(0, dice.whole(0, bytes.length)) } : {}),
      });
    const [first, second] = await Promise.all([post(), dice.chance(0.4) ? post() : undefined]);
    const path = pathIn(first) ?? '';
    const other = (second && pathIn(second)) ?? path;
    const offset = Number(first.headers['upload-offset'] ?? 0);
    const headers = { 'upload-offset': String(offset) };
    const asks = dice.several(2, 4, () =>
      dice.pick<TusPart>([
        { method: 'PATCH', path, token, headers, body: bytes.subarray(offset) },
        { method: 'PATCH', path, token, headers, body: bytes.subarray(offset) },
        { method: 'PATCH', path, token, headers, body: bytes.subarray(offset, dice.whole(offset, bytes.length)) },
        { method: 'PATCH', path: other, token, headers, body: bytes.subarray(offset) },
        { method: 'HEAD', path, token },
        { method: 'DELETE', path: dice.pick([path, other]), token },
      ]),
    );
    await Promise.all(
      asks.map((ask) => {
        const request = tusRequest(ask);
        const isCut = ask.body !== undefined && dice.chance(0.2);
        return this.exchange(thrown, isCut ? { ...request, cutAfter: dice.whole(0, bytes.length) } : request);
      }),
    );
    await this.bring(thrown, listed);
    this.leave(thrown, listed, 'READY', 'many at once');
  }

  /** What others bring is out of reach, by whatever request, and tells nothing of itself. */
  private async notOnesOwn(thrown: Case): Promise<void> {
    const { dice } = thrown;
    const { recordId, file, path } = dice.pick(this.stage.foreign);
    const token = dice.pick([...this.stage.strangers, ...this.stage.keepers.map(({ person }) => person.token)]);
    const body = dice.bytes(dice.whole(1, file.bytes.length));
    const metadata = { recordId, id: file.listed.id };
    const request = tusRequest(
      dice.pick<TusPart>([
        { method: 'HEAD', path, token },
        { method: 'DELETE', path, token },
        { method: 'PATCH', path, token, headers: { 'upload-offset': '0' }, body },
        { method: 'POST', path: UPLOADS, token, headers: beginningOf(metadata, file.bytes.length) },
        { method: 'POST', path: UPLOADS, token, headers: beginningOf(metadata, file.bytes.length), body },
      ]),
    );
    const known = [idIn(path), recordId, file.listed.id];
    const sent: RawRequest & Sending = dice.chance(0.5) ? mangled(request, dice, known) : request;
    const { status, headers } = await this.exchange(thrown, sent);
    const isTold = headers['upload-offset'] !== undefined || headers['location'] !== undefined;
    if (isTold || (status >= 200 && status < 300 && sent.method !== 'OPTIONS')) {
      note(thrown, `what is somebody else's was answered with ${status}, for ${told(sent)}`);
    }
    await this.throughOnesOwn(thrown, path);
  }

  /** An upload of one's own in the path, and another one where a careless reader of paths may find it. */
  private async throughOnesOwn(thrown: Case, foreignPath: string): Promise<void> {
    const { dice } = thrown;
    const listed = await this.listed(dice, fileOf(Buffer.from(`own ${dice.uuid()}`), 'own.txt'));
    const token = tokenOf(listed);
    const begun = await this.ask(thrown, { method: 'POST', path: UPLOADS, token, headers: beginning(listed) });
    const own = pathIn(begun) ?? '';
    const id = idIn(foreignPath);
    const path = own + dice.pick([`?x=/${id}`, `?${id}`, `?/${id}/`, `/?x=/${id}`, `?x=/..%2f${id}`, `;/${id}`]);
    const body = Buffer.from('not');
    await dice.pick([
      () => this.ask(thrown, { method: 'HEAD', path, token }),
      () => this.ask(thrown, { method: 'PATCH', path, token, headers: { 'upload-offset': '0' }, body }),
      () => this.ask(thrown, { method: 'DELETE', path, token }),
    ])();
    await this.bring(thrown, listed);
    this.leave(thrown, listed, 'READY', 'an upload beside one of somebody else');
  }

  /** A session that ends between two parts. */
  private async endedSession(thrown: Case): Promise<void> {
    const { dice } = thrown;
    const { bytes, name } = this.stage.maker.makeRight(dice);
    const listed = await this.listed(dice, fileOf(bytes, name));
    const { id, email } = listed.keeper.person;
    const { token } = await this.scene.signIn(email);
    const begun = await this.ask(thrown, { method: 'POST', path: UPLOADS, token, headers: beginning(listed) });
    const path = pathIn(begun) ?? '';
    await this.scene.speaker(id, email, token).do('mutation { signOut }');
    const ask = dice.pick<TusPart>([
      { method: 'HEAD', path, token },
      { method: 'DELETE', path, token },
      { method: 'PATCH', path, token, headers: { 'upload-offset': '0' }, body: bytes },
      { method: 'POST', path: UPLOADS, token, headers: beginning(listed), body: bytes },
    ]);
    const { status } = await this.ask(thrown, ask);
    if (status !== 401) note(thrown, `${ask.method} of a session that has ended was answered with ${status}`);
    if (dice.chance(0.5)) return this.leave(thrown, listed, 'AWAITED', 'an ended session');
    await this.bring(thrown, listed);
    this.leave(thrown, listed, 'READY', 'an ended session, and a new one');
  }

  /** A link that is not the one that was given, or is used in another way. */
  private async links(thrown: Case): Promise<void> {
    const { dice } = thrown;
    const { recordId, id } = this.stage.secret;
    const make = async (original: boolean): Promise<string> => {
      const { url } = await this.stage.kenya.do<{ url: string }>(LINK, { recordId, id, original });
      return new URL(url, 'http://localhost').searchParams.get('link') ?? '';
    };
    const link = mangledLink(await make(dice.chance(0.5)), dice, await make(true));
    if (link === undefined) return;
    this.counts.links += 1;
    const named = dice.pick(['link=', 'link=', 'link=', 'link[]=', 'link=x&link=', 'LINK=', 'link[a]=', '']);
    const path = `/attachments/download?${named}${dice.chance(0.5) ? encodeURIComponent(link) : link.replace(/[ %]/g, '+')}`;
    const range = dice.pick(['bytes=0-', 'bytes=-0', 'bytes=9-1', 'bytes=99999999999999999999-', 'bytes=0-0,1-1', 'x']);
    const { status } = await this.exchange(thrown, {
      method: dice.pick(['GET', 'GET', 'GET', 'HEAD', 'POST', 'DELETE']),
      path,
      headers: { ...(dice.chance(0.3) ? { range } : {}) },
      body: undefined,
    });
    if (status < 400) note(thrown, `a link that was made up was answered with ${status}: ${path}`);
  }

  /** Brings a file as it should be, in parts of any size. */
  private async bring(thrown: Case, listed: Listed): Promise<void> {
    let answer = await this.bringBytes(thrown, listed, listed.file.bytes);
    // A line that the server had closed after the request before: a client begins anew.
    for (let again = 0; answer.status === 0 && again < 3; again += 1) {
      answer = await this.bringBytes(thrown, listed, listed.file.bytes);
    }
    const { status, text } = answer;
    if (status !== 201 && status !== 204) note(thrown, `the right upload was answered with ${status}: ${text}`);
    this.counts.whole += 1;
  }

  /** @returns the last answer */
  private async bringBytes(thrown: Case, listed: Listed, bytes: Buffer): Promise<RawAnswer> {
    const { dice } = thrown;
    const token = tokenOf(listed);
    const first = dice.chance(0.4)
      ? bytes.subarray(0, dice.pick([bytes.length, dice.whole(0, bytes.length)]))
      : undefined;
    const headers = beginning(listed);
    const begun = await this.ask(thrown, {
      method: 'POST',
      path: UPLOADS,
      token,
      headers,
      ...(first ? { body: first } : {}),
    });
    const path = pathIn(begun);
    if (path === undefined) return begun;
    let answer = begun;
    let offset = Number(begun.headers['upload-offset'] ?? 0);
    while (answer.status < 300 && offset < bytes.length) {
      const body = bytes.subarray(offset, dice.chance(0.6) ? bytes.length : dice.whole(offset + 1, bytes.length));
      const head = { 'upload-offset': String(offset) };
      answer = await this.ask(thrown, { method: 'PATCH', path, token, headers: head, body });
      offset = Number(answer.headers['upload-offset'] ?? bytes.length);
    }
    return answer;
  }

  private async listed(dice: Dice, file: LocalFile): Promise<Listed> {
    const keeper = dice.pick(this.stage.keepers);
    return { keeper, recordId: await keeper.list([file]), file };
  }

  private leave({ name }: Case, { keeper, recordId, file }: Listed, expected: Expected, what: string): void {
    this.left.push({ name, what, keeper, recordId, id: file.listed.id, expected });
  }

  private ask(thrown: Case, part: TusPart): Promise<RawAnswer> {
    return this.exchange(thrown, tusRequest(part));
  }

  /** Sends a request, and notes what is wrong with any answer. */
  private async exchange(thrown: Case, sent: RawRequest & Sending): Promise<RawAnswer> {
    this.counts.requests += 1;
    const answer = await exchange(this.scene.muster.url, sent, sent).catch((error: unknown) => {
      throw new Error(`no answer for ${told(sent)}`, { cause: error });
    });
    const { status, text, headers } = answer;
    if (status >= 400) this.counts.refused += 1;
    const metadata = String(headers['upload-metadata'] ?? '').split(/[ ,]/);
    const all = [text, JSON.stringify(headers), ...metadata.map((value) => Buffer.from(value, 'base64').toString())];
    const wrong = [...this.wrongIn(all.join('\n')), ...(status >= 500 ? [`HTTP ${status}`] : [])];
    for (const what of wrong) note(thrown, `${what}, for ${told(sent)}, answered ${text.slice(0, 600)}`);
    return answer;
  }
}

const note = ({ found, name }: Case, what: string): void => void found.push(`${name}: ${what}`);

const tokenOf = ({ keeper }: Listed): string => keeper.person.token;

const beginning = ({ recordId, file }: Listed): Readonly<Record<string, string>> =>
  beginningOf({ recordId, id: file.listed.id }, file.bytes.length);

function beginningOf(
  { recordId, id }: { readonly recordId: string; readonly id: string },
  size: number,
): Readonly<Record<string, string>> {
  return { 'upload-length': String(size), 'upload-metadata': `recordId ${base64(recordId)},id ${base64(id)}` };
}

const pathIn = ({ status, headers }: RawAnswer): string | undefined =>
  status === 201 && typeof headers['location'] === 'string' ? headers['location'] : undefined;

const idIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const told = ({ body, headers, ...sent }: RawRequest & Sending): string =>
  JSON.stringify({
    ...sent,
    headers: { ...headers, authorization: headers['authorization'] === undefined ? undefined : '…' },
    body: body && `${body.length} bytes, SHA-256 ${sha256(body).slice(0, 8)}`,
  }).slice(0, 3_000);
