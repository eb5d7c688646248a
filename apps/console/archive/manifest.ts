import { z } from 'zod';

/** Names the form of an archive: another form, should one ever be needed, is another name. */
export const FORM = 'muster.archive.1';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);

const Table = z.object({
  name: z.string(),
  file: z.string().regex(/^[a-z_]+[.]csv[.]gz$/),
  /**
   * `part`: the operation's part of a partitioned table, which is taken out. `moved`: its rows of another table, which are taken out too.
   * `copied`: rows that stay in the database. `named`: a whole table that the others name rows of, for whoever reads the archive.
   */
  kind: z.enum(['part', 'moved', 'copied', 'named']),
  columns: z.array(z.string()),
  rows: z.number().int(),
  bytes: z.number().int(),
  sha256: Hash,
});

const Manifest = z.object({
  form: z.literal(FORM),
  /** The newest migration that the tables were made by. */
  schema: z.string(),
  /** The mark that it was made under, as the entry `operation.archiving` has it: only that very one is ended with it. */
  run: z.uuid(),
  madeAt: z.iso.datetime(),
  operation: z.object({ id: z.uuid(), codeName: z.string(), closedAt: z.iso.datetime() }),
  tables: z.array(Table),
  audit: z.object({
    chain: z.uuid(),
    head: z.object({ seq: z.number().int(), hash: Hash }),
    verify: z.string(),
  }),
  attachments: z.string(),
});

/** What an archive says of itself. It is written last: an archive without it is not finished. */
export type Manifest = z.infer<typeof Manifest>;
export type TableFile = Manifest['tables'][number];

/** The table of an archive by its name. @throws Error where it has none */
export function tableOf({ tables }: Manifest, name: string): TableFile {
  const table = tables.find((each) => each.name === name);
  if (!table) throw new Error(`The archive has no table ${name}.`);
  return table;
}

/** @throws Error where it is no manifest of this form */
export function readManifest(text: string): Manifest {
  const read = Manifest.safeParse(JSON.parse(text));
  if (!read.success) throw new Error(`The manifest is not one of the form ${FORM}: ${z.prettifyError(read.error)}`);
  return read.data;
}
