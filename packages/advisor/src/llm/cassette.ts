import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import { BarfinexError, schemas } from '@barfinex/core'
import { z } from 'zod'
import type { CompletionRequest } from './completion-request.js'
import { type Turn, turn } from './turn.js'

const line = z.strictObject({
  v: z.literal(1),
  /** Hash of what was asked, whoever was asked. */
  conversation: schemas.sha256Hex,
  /** Counts how often it was asked. */
  take: z.number().int().positive(),
  turn,
  /** The request of a call as it was sent, without its key; for people, a replay does not read it. */
  request: z.unknown(),
  /** Wall milliseconds of a call; for people as well. */
  elapsedMs: z.number().nonnegative().optional(),
})
type Line = z.output<typeof line>

/** Where one conversation is written down. */
export interface Take {
  record(turn: Turn, sent?: { readonly request: CompletionRequest; readonly elapsedMs: number }): void
}

/**
 * Conversations in a file, one turn a line. Failures are turns too, so an incident can be played again. A line that a crash
 * cut off at the end is dropped.
 */
export class Cassette {
  private readonly takes = new Map<string, Turn[][]>()
  private readonly played = new Map<string, number>()

  /**
   * @throws BarfinexError `advisor.cassette-invalid` when a line is damaged, when it is read only and
   * there is no such file, or when it cannot be written.
   */
  constructor(
    private readonly file: string,
    isReadOnly: boolean,
  ) {
    if (existsSync(file)) {
      if (!isReadOnly) cutTornTail(file)
      for (const it of readLines(file)) this.keep(it)
    } else if (isReadOnly) {
      const message = `There is no cassette "${file}". Record one first, or give the path of an existing file.`
      throw new BarfinexError('advisor.cassette-invalid', message)
    }
    if (!isReadOnly) open(file)
  }

  /** The turns of a conversation, those of its next take each time, the last take's from then on; `null` when there are none. */
  play(conversation: string): readonly Turn[] | null {
    const takes = this.takes.get(conversation)
    if (takes === undefined) return null
    const next = this.played.get(conversation) ?? 0
    this.played.set(conversation, next + 1)
    return takes[Math.min(next, takes.length - 1)] ?? null
  }

  /** Begins to write a conversation down. */
  begin(conversation: string): Take {
    const takes = this.takes.get(conversation) ?? []
    const turns: Turn[] = []
    this.takes.set(conversation, [...takes, turns])
    const take = takes.length + 1
    return {
      record: (it, sent) => {
        turns.push(it)
        const written: Line = { v: 1, conversation, take, turn: it, request: sent?.request ?? null }
        const timed = sent === undefined ? written : { ...written, elapsedMs: Math.round(sent.elapsedMs) }
        appendFileSync(this.file, `${JSON.stringify(timed)}\n`, { mode: 0o600 })
      },
    }
  }

  private keep({ conversation, take, turn: it }: Line): void {
    const takes = this.takes.get(conversation) ?? []
    if (takes[take - 1] === undefined) takes[take - 1] = []
    takes[take - 1]?.push(it)
    this.takes.set(conversation, takes)
  }
}

/** Now is the time to learn that nothing can be written there, not when the first answer is worth keeping. */
function open(file: string): void {
  try {
    appendFileSync(file, '', { mode: 0o600 })
  } catch (cause) {
    const message = `The cassette "${file}" cannot be written. Make its folder, or mend its permissions.`
    throw new BarfinexError('advisor.cassette-invalid', message, { cause })
  }
}

/** So that what is written next begins a line of its own. */
function cutTornTail(file: string): void {
  truncateSync(file, readFileSync(file).lastIndexOf('\n') + 1)
}

function readLines(file: string): readonly Line[] {
  const rows = readFileSync(file, 'utf8').split('\n')
  // What stands behind the last line end was cut off while it was written.
  return rows.slice(0, -1).map((text, index) => {
    const parsed = line.safeParse(jsonOf(text))
    if (parsed.success) return parsed.data
    const message = `Line ${index + 1} of the cassette "${file}" is damaged. Take the line out, or record the cassette again.`
    throw new BarfinexError('advisor.cassette-invalid', message, { cause: parsed.error })
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
