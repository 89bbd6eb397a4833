import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { flow } from '../flow/map.js'
import { writeCheckpoint } from '../journal/checkpoint.js'
import { createFactChain } from '../journal/fact-chain.js'
import { createFileJournal } from '../journal/file-journal.js'
import { pastOf } from '../journal/journal.js'
import { anEnvelope } from '../testing/given.js'
import { newYear } from '../testing/given-market.js'
import { aFill } from '../testing/given-order.js'
import { aSignal } from '../testing/given-signal.js'
import { testRuns } from '../testing/test-runs.js'
import type { Carry } from './carry.js'
import { DaemonJournal } from './daemon-journal.js'

const made: string[] = []
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function aDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'barfinex-checkpoint-'))
  made.push(path)
  return path
}

/** Fills matter for ever, of signals the last one: what a start knows is the same however much was left out. */
const carry: Carry = {
  version: 1,
  wants: () => true,
  prune(past) {
    const last = past.findLast(({ type }) => type === flow.signal.name)
    return past.filter((it) => it.type === flow.fill.name || it === last)
  },
}

function aJournalIn(directory: string, troubles: string[] = [], by = carry): Promise<DaemonJournal> {
  return DaemonJournal.open({
    directory,
    fsync: 'interval',
    segmentBytes: 4_000,
    sources: new Set(['detector']),
    carry: by,
    onTrouble: (what) => troubles.push(what),
  })
}

let count = 0
function write(journal: DaemonJournal, kind: 'fill' | 'signal'): void {
  count += 1
  const occurredAt = newYear + Math.floor(count / 2)
  const envelope: Envelope =
    kind === 'fill'
      ? anEnvelope(flow.fill, aFill({ fillId: `fill-${count}` }), { seq: count, occurredAt })
      : anEnvelope(flow.signal, aSignal({ signalId: `signal-${count}` }), {
          seq: count,
          occurredAt,
          source: 'detector',
          epoch: count,
        })
  journal.append(envelope, flow[kind] as unknown as Channel<never>)
}

/** What a start makes of a journal. */
async function known(journal: DaemonJournal) {
  const fills: string[] = []
  let signal: string | null = null
  for await (const { id, type } of pastOf(journal)) {
    if (type === flow.fill.name) fills.push(id)
    else signal = id
  }
  const { highestEpoch, lastWritten, count: records } = journal
  return { fills, signal, highestEpoch, written: lastWritten.map(({ id }) => id), records, hash: journal.hash() }
}

/** What a start makes of it that knows of no checkpoint; nothing is left behind. */
async function knownFromWhole(directory: string) {
  const copy = aDirectory()
  cpSync(directory, copy, { recursive: true })
  rmSync(join(copy, 'lock'), { force: true })
  for (const name of checkpointsIn(copy)) rmSync(join(copy, name))
  const journal = await aJournalIn(copy)
  const result = await known(journal)
  await journal.close()
  return result
}

function checkpointsIn(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith('checkpoint-'))
    .sort()
}

async function knownNow(directory: string) {
  const troubles: string[] = []
  const journal = await aJournalIn(directory, troubles)
  const result = await known(journal)
  await journal.close()
  return { result, troubles }
}

/** A closed journal of several files with its two checkpoints. */
async function aJournalWithCheckpoints(): Promise<string> {
  const directory = aDirectory()
  const journal = await aJournalIn(directory)
  for (let index = 0; index < 40; index += 1) {
    write(journal, index % 3 === 0 ? 'fill' : 'signal')
    await journal.flush()
  }
  await journal.close()
  expect(checkpointsIn(directory)).toHaveLength(2)
  return directory
}

describe('a start from a checkpoint', () => {
  it('knows the same as one from the whole journal, over any number of lives', async () => {
    const lives = fc.array(fc.array(fc.constantFrom('fill' as const, 'signal' as const), { maxLength: 30 }), {
      minLength: 1,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(lives, async (lengths) => {
        const directory = aDirectory()
        for (const kinds of lengths) {
          const journal = await aJournalIn(directory)
          for (const kind of kinds) {
            write(journal, kind)
            await journal.flush()
          }
          await journal.close()
        }
        const { result, troubles } = await knownNow(directory)
        expect(result).toEqual(await knownFromWhole(directory))
        expect(troubles).toEqual([])
      }),
      { numRuns: testRuns(15) },
    )
  })

  it('reads no file that the checkpoint covers, and whoever checks everything still does', async () => {
    const directory = await aJournalWithCheckpoints()
    const expected = await knownFromWhole(directory)
    const first = join(directory, 'journal-000001.log')
    const bytes = readFileSync(first)
    bytes[500] = (bytes[500] as number) ^ 1
    writeFileSync(first, bytes)
    expect((await knownNow(directory)).result).toEqual(expected)
    await expect(createFileJournal({ directory, readOnly: true })).rejects.toMatchObject({ code: 'journal.damaged' })
  })

  it('counts what the service appends before it reads, and has let go of the past afterwards', async () => {
    const directory = await aJournalWithCheckpoints()
    const journal = await aJournalIn(directory)
    const before = await known(journal)
    write(journal, 'fill')
    const after = await known(journal)
    expect(after.fills).toEqual([...before.fills, `order.fill:fill-${count}`])
    journal.recalled()
    expect((await known(journal)).fills).toEqual(after.fills)
    expect(journal.lastWritten).toEqual([])
    await journal.close()
  })

  it('does not trust one that was cut short or changed: the one before counts, else the whole journal', async () => {
    const directory = await aJournalWithCheckpoints()
    const expected = await knownFromWhole(directory)
    const names = checkpointsIn(directory)
    const [older = '', newer = ''] = names.map((name) => join(directory, name))
    const sound = [older, newer].map((path) => readFileSync(path))
    const spoil = fc.record({
      at: fc.nat(),
      how: fc.constantFrom('cut' as const, 'flip' as const),
      both: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(spoil, async ({ at, how, both }) => {
        for (const [index, path] of [older, newer].entries()) {
          const bytes = Buffer.from(sound[index] as Buffer)
          const place = at % bytes.length
          if (how === 'flip') bytes[place] = (bytes[place] as number) ^ (1 << (at % 8))
          if (index === 0 && !both) writeFileSync(path, sound[0] as Buffer)
          else writeFileSync(path, how === 'cut' ? bytes.subarray(0, place) : bytes)
        }
        const { result, troubles } = await knownNow(directory)
        expect(result).toEqual(expected)
        expect(troubles).toHaveLength(both ? 2 : 1)
        // A start from what is left makes a new one where it had to read more than a file.
        for (const name of checkpointsIn(directory)) if (!names.includes(name)) rmSync(join(directory, name))
      }),
      { numRuns: testRuns(40) },
    )
  })

  it('passes over one that the disk does not give, or that is too large to be read at once', async () => {
    const directory = await aJournalWithCheckpoints()
    const expected = await knownFromWhole(directory)
    const newest = join(directory, checkpointsIn(directory).at(-1) as string)
    truncateSync(newest, 2 ** 31 + 1)
    expect(await knownNow(directory)).toEqual({
      result: expected,
      troubles: [expect.stringContaining('cannot be read')],
    })
    // A directory in its place cannot be read, like what stands on a broken part of a disk.
    rmSync(newest)
    mkdirSync(newest)
    const { result, troubles } = await knownNow(directory)
    expect(result).toEqual(expected)
    expect(troubles[0]).toContain('cannot be read')
    expect(readdirSync(directory)).not.toContain('checkpoint.tmp')
  })

  it('passes over one that was made by another version of its service, which kept less', async () => {
    const directory = aDirectory()
    const less: Carry = { version: 1, wants: ({ type }) => type === flow.fill.name, prune: (past) => past }
    const more: Carry = { version: 2, wants: () => true, prune: (past) => past }
    const first = await aJournalIn(directory, [], less)
    for (let index = 0; index < 40; index += 1) {
      write(first, 'signal')
      await first.flush()
    }
    await first.close()
    const made = checkpointsIn(directory).length
    expect(made).toBeGreaterThan(0)
    const troubles: string[] = []
    const second = await aJournalIn(directory, troubles, more)
    let signalCount = 0
    for await (const { type } of pastOf(second)) if (type === flow.signal.name) signalCount += 1
    await second.close()
    expect(signalCount).toBe(40)
    expect(troubles).toHaveLength(made)
  })

  it('leaves nothing of one that could not be written whole', async () => {
    const directory = aDirectory()
    const boundary = { segment: 9, after: '', recordCount: 1, chain: createFactChain().state() }
    function* values() {
      yield 'x'.repeat(10_000)
      throw new Error('no space left on device')
    }
    await expect(writeCheckpoint(directory, 1, boundary, values())).rejects.toThrow('no space')
    expect(readdirSync(directory)).toEqual([])
  })

  it('passes over one of another journal and one that a later format wrote', async () => {
    const directory = await aJournalWithCheckpoints()
    const other = await aJournalWithCheckpoints()
    const expected = await knownFromWhole(directory)
    for (const name of checkpointsIn(directory)) {
      const foreign = checkpointsIn(other).at(-1) as string
      cpSync(join(other, foreign), join(directory, name))
    }
    const { result, troubles } = await knownNow(directory)
    expect(result).toEqual(expected)
    expect(troubles[0]).toMatch(/another journal/)
  })

  it('killed while a checkpoint is written: before its renaming nothing of it counts, after it everything does', async () => {
    const directory = await aJournalWithCheckpoints()
    const expected = await knownFromWhole(directory)
    const newest = join(directory, checkpointsIn(directory).at(-1) as string)
    const bytes = readFileSync(newest)
    renameSync(newest, join(directory, 'checkpoint.tmp'))
    for (const written of [0, 1, Math.floor(bytes.length / 2), bytes.length - 1, bytes.length]) {
      rmSync(newest, { force: true })
      writeFileSync(join(directory, 'checkpoint.tmp'), bytes.subarray(0, written))
      const { result, troubles } = await knownNow(directory)
      expect(result).toEqual(expected)
      expect(troubles).toEqual([])
      // It was read from the one before, and made anew.
      expect(readFileSync(newest)).toEqual(bytes)
      expect(readdirSync(directory)).not.toContain('checkpoint.tmp')
    }
    expect((await knownNow(directory)).result).toEqual(expected)
  })

  it('goes on without checkpoints where they cannot be written, and says so', async () => {
    const directory = await aJournalWithCheckpoints()
    for (const name of checkpointsIn(directory)) rmSync(join(directory, name))
    // A directory in its place: it can neither be opened nor replaced.
    cpSync(aDirectory(), join(directory, 'checkpoint.tmp'), { recursive: true })
    const { result, troubles } = await knownNow(directory)
    expect(result).toEqual(await knownFromWhole(directory))
    expect(troubles).toEqual(['a checkpoint of the journal could not be written'])
  })
})
