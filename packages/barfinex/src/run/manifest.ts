import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BarfinexError, createFileJournal, type FileJournal } from '@barfinex/core'
import { z } from 'zod'

const manifest = z.strictObject({
  format: z.literal(1),
  /** Release that made the run; another one may decide otherwise. */
  version: z.string(),
  seed: z.union([z.number(), z.string()]),
  /** Generated market, or a recorded one by its path. */
  market: z.union([
    z.strictObject({ kind: z.literal('generated'), symbols: z.array(z.string()).nullable() }),
    z.strictObject({ kind: z.literal('tape'), path: z.string(), sha256: z.string() }),
  ]),
  /** Names of ready strategies or paths of strategy modules, with the hash of what they described. */
  strategies: z.array(z.strictObject({ name: z.string(), hash: z.string() })),
  profile: z.enum(['exploratory', 'strict']),
  /** The language model that took part: its answers lie in `llm.jsonl` beside the manifest. */
  llm: z
    .strictObject({ baseUrl: z.string(), model: z.string(), mode: z.enum(['shadow', 'veto', 'require']) })
    .nullable()
    .default(null),
  from: z.number(),
  /** Where the run was to end; `null` when it was to run until somebody stops it, or its market ends. */
  until: z.number().nullable().default(null),
  /** Filled in at the end; `null` while running, or when the process died. */
  to: z.number().nullable(),
  journalHash: z.string().nullable(),
})
/** All that is needed to do a run again: written beside its journal. */
export interface Manifest extends z.input<typeof manifest> {}

const fileName = 'run.json'

/** Where the answers of a run's language model are kept. */
export function cassetteOf(directory: string): string {
  return join(directory, 'llm.jsonl')
}

/**
 * Opens the journal of a new run. A directory that holds facts already is refused: a made-up or recorded market begins anew each
 * time, so positions and ids of the earlier run would be taken for those of this one, and neither could be replayed.
 */
export async function openRunJournal(directory: string, fsync: 'interval' | 'never'): Promise<FileJournal> {
  const journal = await createFileJournal({ directory, fsync })
  if (journal.count === 0) return journal
  await journal.close()
  const message = `${directory} holds a run already. Give --journal a new directory; the old run stays as it is.`
  throw new BarfinexError('options.invalid', message)
}

/** Writes the manifest whole or not at all, beside a journal that is open there. */
export async function writeManifest(directory: string, content: Manifest): Promise<void> {
  const path = join(directory, fileName)
  await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`)
  await rename(`${path}.new`, path)
}

/** Reads a manifest; `config.not-found` and `config.invalid` say what is wrong with the directory. */
export async function readManifest(directory: string): Promise<z.output<typeof manifest>> {
  const text = await readFile(join(directory, fileName), 'utf8').catch((cause: unknown) => {
    const message = `There is no run in ${directory}: it has no ${fileName}. Give the directory that was given as --journal; the journal of a daemon is for \`barfinex explain\`.`
    throw new BarfinexError('config.not-found', message, { cause })
  })
  const parsed = manifest.safeParse(safeJson(text))
  if (parsed.success) return parsed.data
  throw new BarfinexError('config.invalid', `${fileName} of ${directory} is damaged: ${z.prettifyError(parsed.error)}`)
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
