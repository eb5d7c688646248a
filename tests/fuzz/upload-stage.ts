import { begin, fileOf, type LocalFile, send, settledAs } from '../setup/attachments.js';
import { openPorts } from '../setup/ports.js';
import { LOG, type Person, REPORT, type Scene, seizureInput, violationInput } from '../setup/scene.js';
import { Dice } from './dice.js';
import { FileMaker, rightFiles } from './files.js';
import { mark } from './stage.js';

/** An upload of somebody else's that is under way. */
export interface ForeignUpload {
  readonly recordId: string;
  readonly file: LocalFile;
  /** Its path at the server. */
  readonly path: string;
  /** How far it has come. */
  readonly offset: number;
}

/** Files of those who bring them, in an operation that no other case touches. */
export interface UploadStage {
  readonly maker: FileMaker;
  /** Brings what it likes; its files are nobody's secret. */
  readonly keepers: readonly Keeper[];
  /** Whose records the keepers and the others are to leave alone. */
  readonly kenya: Person;
  readonly foreign: readonly ForeignUpload[];
  /** A record of Kenya with an attachment that is here, and that its own people alone may open. */
  readonly secret: { readonly recordId: string; readonly id: string };
  /** Whoever has no right to any of it, by the token. */
  readonly strangers: readonly (string | undefined)[];
}

export interface Keeper {
  readonly person: Person;
  /** Stores a record that lists files, and gives its id. */
  list(files: readonly LocalFile[]): Promise<string>;
}

/** Sets the stage. @param strangers whoever may see nothing of the operation, or bring nothing to it */
export async function setUploadStage(scene: Scene, strangers: readonly Person[]): Promise<UploadStage> {
  const { url } = scene.muster;
  const { operationId, agencies, kenya, tanzania, neighbour, darEsSalaam } = await openPorts(scene);
  const log = async (by: Person, agencyId: string, level: string, files: readonly LocalFile[]): Promise<string> => {
    const attachments = files.map(({ listed }) => listed);
    const input = violationInput(operationId, agencyId, { attachments, sharing: { level } });
    return (await by.do<{ id: string }>(LOG, { input })).id;
  };
  const text = (what: string): LocalFile =>
    fileOf(Buffer.from(`${mark(`the content of ${what}`)}\n`.repeat(9)), `${mark(`the name of ${what}`)}.txt`);

  const secretFile = text('an attachment of a RED violation');
  const secretId = await log(kenya, agencies.KE, 'RED', [secretFile]);
  await send({ recordId: secretId, file: secretFile, url, token: kenya.token });
  await settledAs(kenya, secretId, secretFile.listed.id, 'READY');

  const foreign: ForeignUpload[] = [];
  for (const level of ['RED', 'GREEN']) {
    // The name of what all may see is no secret.
    const file = level === 'RED' ? text('an upload to a RED violation') : fileOf(Buffer.from('0123456789'), 'x.txt');
    const recordId = await log(kenya, agencies.KE, level, [file]);
    const upload = await begin(url, kenya.token, recordId, file);
    foreign.push({ recordId, file, path: new URL(upload).pathname, offset: 0 });
  }

  const ended = await scene.person(agencies.TZ, { role: 'NATIONAL_COORDINATOR', country: 'TZ' });
  await ended.do('mutation { signOut }');
  return {
    maker: new FileMaker(await rightFiles(new Dice('files'))),
    kenya,
    foreign,
    secret: { recordId: secretId, id: secretFile.listed.id },
    strangers: [undefined, 'x', ended.token, ...strangers.map(({ token }) => token)],
    keepers: [
      { person: tanzania, list: (files) => log(tanzania, agencies.TZ, 'GREEN', files) },
      {
        person: neighbour,
        list: async (files) => {
          const input = seizureInput(operationId, darEsSalaam, { attachments: files.map(({ listed }) => listed) });
          return (await neighbour.do<{ id: string }>(REPORT, { input })).id;
        },
      },
    ],
  };
}
