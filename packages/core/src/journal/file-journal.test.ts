import { execFile } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { flow } from '../flow/map.js'
import { anEnvelope } from '../testing/given.js'
import { newYear } from '../testing/given-market.js'
import { aFill } from '../testing/given-order.js'
import { journalContract, readAll, writeDay } from '../testing/journal-contract.js'
import { testRuns } from '../testing/test-runs.js'
import { createFileJournal, type FileJournalOptions } from './file-journal.js'
import type { Journal } from './journal.js'
import { frameRecord, readRecord } from './journal-record.js'
import { createMemoryJournal } from './memory-journal.js'
import { newBlock } from './segment-writer.js'

const made: string[] = []
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function aDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'barfinex-journal-'))
  made.push(path)
  return path
}

const open = (directory: string, options: Partial<FileJournalOptions> = {}) =>
  createFileJournal({ directory, fsync: 'never', ...options })

/** A journal of so many rounds, closed; where it is and what is in it. */
async function aJournal(rounds: number, options: Partial<FileJournalOptions> = {}) {
  const directory = aDirectory()
  const journal = await open(directory, options)
  const written = writeDay(journal, rounds)
  const hash = journal.hash()
  await journal.close()
  const files = readdirSync(directory).sort()
  return { directory, written, hash, files, first: join(directory, files[0] as string) }
}

/** A small one: three fills. */
async function aSmallJournal() {
  const directory = aDirectory()
  const journal = await open(directory)
  const written = writeFills(journal, 0, 3)
  await journal.close()
  return { directory, written, first: join(directory, 'journal-000001.log') }
}

function writeFills(journal: Journal, from: number, to: number): Envelope[] {
  return Array.from({ length: to - from }, (_, index) => {
    const seq = from + index
    const fill = anEnvelope(flow.fill, aFill({ fillId: `BTC/USDT.${seq}` }), { seq, occurredAt: newYear + seq })
    journal.append(fill, flow.fill as unknown as Channel<never>)
    return fill
  })
}

/** Ends of the records of a file. */
function endsOf(bytes: Buffer): number[] {
  const ends = [0]
  for (;;) {
    const read = readRecord(bytes, ends.at(-1) as number, true)
    if (read.type !== 'record') return ends
    ends.push(read.end)
  }
}

for (const fsync of ['always', 'interval', 'never'] as const) {
  journalContract(`file journal with fsync ${fsync}`, () => open(aDirectory(), { fsync }))
}
journalContract('file journal in small files', () => open(aDirectory(), { segmentBytes: 2_000 }))

describe('file journal', () => {
  it('goes on after a restart with the count and the hash of one that never stopped', async () => {
    const directory = aDirectory()
    const whole = createMemoryJournal()
    const written = writeDay(whole, 9)
    for (let start = 0; start < 3; start += 1) {
      const journal = await open(directory, { fsync: start === 1 ? 'always' : 'never', segmentBytes: 9_000 })
      expect(journal.repair).toEqual({ tornBytes: 0, recordCount: (written.length / 3) * start })
      writeDay(journal, 3, start * 3)
      await journal.close()
    }
    expect(readdirSync(directory).length).toBeGreaterThan(3)
    const again = await open(directory)
    expect(await readAll(again)).toEqual(written)
    expect([again.count, again.hash()]).toEqual([whole.count, whole.hash()])
    await again.close()
  })

  it('hands everything to the operating system by the end of the turn, so a killed process loses nothing older', async () => {
    const directory = aDirectory()
    const journal = await open(directory, { fsync: 'interval' })
    const written = writeDay(journal, 2)
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    const copy = aDirectory()
    cpSync(directory, copy, { recursive: true, filter: (path) => !path.endsWith('lock') })
    const survivor = await open(copy)
    expect(await readAll(survivor)).toEqual(written)
    await survivor.close()
    await journal.close()
  })

  it('cut at every byte: whole records stay, the rest is cut off and reported, and it goes on', async () => {
    const { first, written } = await aSmallJournal()
    const bytes = readFileSync(first)
    const ends = endsOf(bytes)
    expect(ends.at(-1)).toBe(bytes.length)
    for (let length = 0; length <= bytes.length; length += 1) {
      const directory = aDirectory()
      const file = join(directory, 'journal-000001.log')
      writeFileSync(file, bytes.subarray(0, length))
      const journal = await open(directory)
      // The first record says where the file belongs, the last one is the seal.
      const wholeCount = ends.filter((end) => end > 0 && end <= length).length
      const count = Math.max(0, Math.min(wholeCount - 1, written.length))
      const whole = ends.filter((end) => end <= length).at(-1) as number
      expect(journal.repair).toEqual({ tornBytes: length - whole, recordCount: count })
      expect(await readAll(journal)).toEqual(written.slice(0, count))
      if (length % 7 === 0) {
        const more = writeFills(journal, count, 4)
        await journal.close()
        const again = await open(directory)
        expect(await readAll(again)).toEqual([...written.slice(0, count), ...more])
        await again.close()
      } else await journal.close()
      rmSync(directory, { recursive: true, force: true })
    }
  })

  it('an end that was never written, as a power failure leaves it, is cut off too', async () => {
    const { directory, first, written } = await aJournal(2)
    const bytes = readFileSync(first)
    for (const zeros of [1, 11, 12, 100, 600_000]) {
      writeFileSync(first, Buffer.concat([bytes, Buffer.alloc(zeros)]))
      const journal = await open(directory)
      expect(journal.repair.tornBytes).toBe(zeros)
      expect(await readAll(journal)).toEqual(written)
      await journal.close()
      writeFileSync(first, bytes)
    }
    const lastFrame = Buffer.from(bytes)
    lastFrame.fill(0, bytes.length - 40)
    writeFileSync(first, lastFrame)
    const journal = await open(directory)
    expect(journal.repair.tornBytes).toBeGreaterThan(40)
    expect(await readAll(journal)).toEqual(written)
    await journal.close()
  })

  it('a flipped bit anywhere is found, named and left as it is', async () => {
    const { directory, first } = await aSmallJournal()
    const bytes = readFileSync(first)
    const ends = endsOf(bytes)
    // One bit of every byte; every bit of every byte in a long run.
    const step = testRuns(1) > 1 ? 1 : 9
    for (let bit = 0; bit < bytes.length * 8; bit += step) {
      const offset = bit >> 3
      const flipped = Buffer.from(bytes)
      flipped[offset] = (flipped[offset] as number) ^ (1 << (bit & 7))
      writeFileSync(first, flipped)
      const start = ends.filter((end) => end <= offset).at(-1) as number
      const refused = open(directory)
      await expect(refused, `byte ${offset}`).rejects.toMatchObject({
        code: 'journal.damaged',
        details: { file: 'journal-000001.log', offset: start, record: Math.max(0, ends.indexOf(start) - 1) },
      })
      expect(readFileSync(first).equals(flipped)).toBe(true)
      expect(existsSync(join(directory, 'lock'))).toBe(false)
    }
  })

  it('a record that was replaced together with its checksum is found by the seal of its block', async () => {
    const { directory, first, files } = await aJournal(40, { segmentBytes: 1_000_000 })
    const bytes = readFileSync(first)
    expect(files).toHaveLength(1)
    const ends = endsOf(bytes)
    for (const record of [1, 2, Math.floor(ends.length / 2), ends.length - 3]) {
      const [start, end] = [ends[record] as number, ends[record + 1] as number]
      const text = bytes.subarray(start + 12, end).toString()
      if (text.includes('"seal"')) continue
      const forged = frameRecord(Buffer.from(text.replace('2', '3')))
      writeFileSync(first, Buffer.concat([bytes.subarray(0, start), forged, bytes.subarray(end)]))
      await expect(open(directory)).rejects.toThrow(/seal does not match/)
    }
    for (const [from, to] of [
      [1, 2],
      [2, 1],
    ] as const) {
      // A record taken out, and one put in twice.
      const parts = [bytes.subarray(0, ends[from]), bytes.subarray(ends[to] as number)]
      writeFileSync(first, Buffer.concat(parts))
      await expect(open(directory)).rejects.toThrow(/seal does not match/)
    }
  })

  it('a file that is missing, moved, cut short or foreign is found', async () => {
    const { directory, files } = await aJournal(30, { segmentBytes: 30_000 })
    expect(files.length).toBeGreaterThan(3)
    const path = (index: number) => join(directory, files[index] as string)
    const bytes = files.map((_, index) => readFileSync(path(index)))
    const restore = () => {
      for (const [index, content] of bytes.entries()) writeFileSync(path(index), content)
    }
    const damage: (() => void)[] = [
      () => rmSync(path(0)),
      () => rmSync(path(1)),
      () => truncateSync(path(0), (bytes[0]?.length as number) - 5),
      () => truncateSync(path(1), 0),
      () => writeFileSync(path(1), bytes[2] as Buffer),
      () => {
        renameSync(path(1), join(directory, 'x'))
        renameSync(path(2), path(1))
        renameSync(join(directory, 'x'), path(2))
      },
      () => appendFileSync(path(0), frameRecord(Buffer.from('{"what":1}'))),
      () => appendFileSync(path(files.length - 1), frameRecord(Buffer.from('{"what":1}'))),
      () => appendFileSync(path(files.length - 1), frameRecord(Buffer.from('not JSON'))),
      () => appendFileSync(path(files.length - 1), frameRecord(Buffer.from('{"segment":99,"after":""}'))),
      () =>
        appendFileSync(
          path(files.length - 1),
          frameRecord(Buffer.from(JSON.stringify({ seal: newBlock('').digest('hex') }))),
        ),
    ]
    for (const [index, act] of damage.entries()) {
      act()
      await expect(open(directory), `damage ${index}`).rejects.toMatchObject({ code: 'journal.damaged' })
      restore()
    }
    await (await open(directory)).close()
  })

  it('begins its last file anew when not even its first record was written', async () => {
    const { directory, files, written } = await aJournal(30, { segmentBytes: 30_000 })
    const next = join(directory, `journal-${String(files.length + 1).padStart(6, '0')}.log`)
    for (const rest of ['', '\u0001\u0002']) {
      writeFileSync(next, rest)
      const journal = await open(directory)
      expect(journal.repair).toEqual({ tornBytes: rest.length, recordCount: written.length })
      await journal.close()
      expect(await readAll(await open(directory, { readOnly: true }))).toEqual(written)
      rmSync(next)
    }
  })

  it('belongs to one process at a time, and to the next when that one is gone', async () => {
    const directory = aDirectory()
    const journal = await open(directory)
    await expect(open(directory)).rejects.toMatchObject({ code: 'journal.locked', details: { processId: process.pid } })
    await journal.close()
    await (await open(directory)).close()
    const gone = execFile(process.execPath, ['-e', ''])
    await new Promise((resolve) => gone.once('exit', resolve))
    for (const owner of [String(gone.pid), 'nonsense', '']) {
      writeFileSync(join(directory, 'lock'), owner)
      await (await open(directory)).close()
    }
  })

  it('is read by others while one writes, without being locked or mended', async () => {
    const directory = aDirectory()
    const writer = await open(directory)
    const written = writeDay(writer, 2)
    await writer.flush()
    appendFileSync(join(directory, 'journal-000001.log'), 'torn')
    const reader = await open(directory, { readOnly: true })
    expect(await readAll(reader)).toEqual(written)
    expect([reader.count, reader.hash(), reader.repair.tornBytes, reader.flush()]).toEqual([
      written.length,
      writer.hash(),
      0,
      undefined,
    ])
    expect(() => reader.append(written[0] as Envelope, flow.signal as unknown as Channel<never>)).toThrow(
      /without readOnly/,
    )
    await reader.close()
    await expect(open(join(directory, 'nowhere'), { readOnly: true })).rejects.toMatchObject({
      code: 'options.invalid',
    })
    truncateSync(join(directory, 'journal-000001.log'), readFileSync(join(directory, 'journal-000001.log')).length - 4)
    await writer.close()
  })

  it('remembers that the disk is full: flush rejects, nothing more is taken, and what was written stays', async () => {
    const directory = aDirectory()
    const journalFile = fileURLToPath(new URL('./file-journal.ts', import.meta.url))
    const contractFile = fileURLToPath(new URL('../testing/given.ts', import.meta.url))
    const program = `
      const { createFileJournal } = await import(${JSON.stringify(journalFile)})
      const { anEnvelope, givens } = await import(${JSON.stringify(contractFile)})
      const { flow } = await import(${JSON.stringify(fileURLToPath(new URL('../flow/map.ts', import.meta.url)))})
      const journal = await createFileJournal({ directory: ${JSON.stringify(directory)}, fsync: 'always' })
      let refused = null
      for (let index = 0; index < 200 && refused === null; index += 1) {
        journal.append(anEnvelope(flow.signal, givens.signal(), { seq: index }), flow.signal)
        try { await journal.flush() } catch (error) { refused = { code: error.code, at: index } }
      }
      const before = journal.count
      journal.append(anEnvelope(flow.signal, givens.signal()), flow.signal)
      const again = await Promise.resolve(journal.flush()).then(() => 'resolved', (error) => error.code)
      const closed = await journal.close().then(() => 'resolved', (error) => error.code)
      process.stdout.write(JSON.stringify({ refused, fault: journal.fault?.code, grew: journal.count - before, again, closed }))`
    // The operating system lets no file of this process grow beyond 32 blocks of 1 kB.
    const command = 'ulimit -f 32 && exec "$0" --import tsx --input-type=module -e "$1"'
    const { stdout } = await promisify(execFile)('bash', ['-c', command, process.execPath, program], {
      timeout: 60_000,
    })
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({
      refused: { code: 'journal.write-failed' },
      fault: 'journal.write-failed',
      grew: 0,
      again: 'journal.write-failed',
      closed: 'journal.write-failed',
    })
    const survivor = await open(directory)
    expect(survivor.count).toBe(result.refused.at)
    await survivor.close()
  })

  it('remembers a sync that failed and a file that could not be begun', async () => {
    for (const [target, fsync] of [
      ['/dev/null', 'always'],
      ['/dev/full', 'never'],
      ['/nowhere/at/all', 'never'],
    ] as const) {
      const directory = aDirectory()
      const journal = await open(directory, { fsync, segmentBytes: 5_000 })
      symlinkSync(target, join(directory, 'journal-000002.log'))
      const written = writeDay(journal, 2)
      await expect(Promise.resolve(journal.flush())).rejects.toMatchObject({ code: 'journal.write-failed' })
      expect(journal.fault).toMatchObject({ code: 'journal.write-failed' })
      await expect(journal.close()).rejects.toMatchObject({ code: 'journal.write-failed' })
      rmSync(join(directory, 'journal-000002.log'))
      const survivor = await open(directory)
      expect(written.slice(0, survivor.count)).toEqual(await readAll(survivor))
      expect(survivor.count).toBeGreaterThan(0)
      await survivor.close()
    }
  })

  it('takes nothing after it was closed', async () => {
    const directory = aDirectory()
    const journal = await open(directory)
    const { length } = writeDay(journal, 1)
    await journal.close()
    expect(journal.fault).toBeNull()
    writeDay(journal, 1)
    expect(journal.fault).toMatchObject({ code: 'journal.write-failed' })
    const again = await open(directory)
    expect(again.count).toBe(length)
    await again.close()
  })
})
