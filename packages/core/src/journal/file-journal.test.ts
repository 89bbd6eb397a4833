import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Envelope } from '../bus/envelope.js'
import { createMemoryBus } from '../bus/memory-bus.js'
import type { Incident } from '../flow/4-verdict.js'
import { flow } from '../flow/map.js'
import { BarfinexError } from '../runtime/error.js'
import { createFileJournal, type FileJournal } from './file-journal.js'
import { createMemoryJournal } from './memory-journal.js'

const made: string[] = []
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'barfinex-journal-'))
  made.push(path)
  return path
}

function incident(index: number, padding = ''): Incident {
  return {
    incidentId: `inc-${index}`,
    severity: 'info',
    reason: { code: 'test.incident', message: `number ${index} ${padding}` },
    symbol: null,
    raisedAt: index,
  }
}

/** Appends incidents through a bus, as a desk does. */
function write(journal: Pick<FileJournal, 'append'>, from: number, to: number, padding = ''): void {
  const bus = createMemoryBus()
  bus.tap((envelope, channel) => journal.append(envelope, channel))
  const publisher = bus.publisher(flow.incident, 'inspector')
  for (let index = from; index < to; index += 1) publisher.publish(incident(index, padding), { occurredAt: index })
}

async function all(journal: FileJournal): Promise<Envelope[]> {
  const read: Envelope[] = []
  for await (const envelope of journal.read()) read.push(envelope)
  return read
}

const fileOf = (path: string) => join(path, readdirSync(path)[0] as string)

describe('file journal', () => {
  test('gives back what was appended, and goes on after a restart with the same hash as one that never stopped', async () => {
    const path = directory()
    const first = await createFileJournal({ directory: path, fsync: 'always' })
    write(first, 0, 50)
    await first.flush()
    await first.close()
    const second = await createFileJournal({ directory: path })
    write(second, 50, 100)
    const whole = createMemoryJournal()
    write(whole, 0, 100)
    expect((await all(second)).map((it) => it.id)).toEqual(
      Array.from({ length: 100 }, (_, index) => `inspector.incident:inc-${index}`),
    )
    expect(second.count).toBe(100)
    expect(second.hash()).toBe(whole.hash())
    await second.close()
  })

  test('cut at every byte: the whole records before it are kept, the rest is cut off and reported, never refused', async () => {
    const source = directory()
    const journal = await createFileJournal({ directory: source, fsync: 'never' })
    write(journal, 0, 4)
    await journal.close()
    const bytes = readFileSync(fileOf(source))
    let last = 0
    for (let length = 0; length <= bytes.length; length += 1) {
      const path = directory()
      writeFileSync(join(path, 'journal-000001.log'), bytes.subarray(0, length))
      const cut = await createFileJournal({ directory: path, fsync: 'never' })
      expect(cut.count).toBeGreaterThanOrEqual(last)
      last = cut.count
      write(cut, cut.count, 4)
      expect((await all(cut)).map((it) => (it.payload as Incident).incidentId)).toEqual([
        'inc-0',
        'inc-1',
        'inc-2',
        'inc-3',
      ])
      await cut.close()
      rmSync(path, { recursive: true, force: true })
    }
    expect(last).toBe(4)
  })

  test('one flipped bit anywhere is found, and nothing is changed by finding it', async () => {
    const path = directory()
    const journal = await createFileJournal({ directory: path, fsync: 'never' })
    write(journal, 0, 3)
    await journal.close()
    const file = fileOf(path)
    const bytes = readFileSync(file)
    for (let offset = 0; offset < bytes.length; offset += 1) {
      const flipped = Buffer.from(bytes)
      flipped[offset] = (flipped[offset] as number) ^ (1 << (offset % 8))
      writeFileSync(file, flipped)
      await expect(createFileJournal({ directory: path, fsync: 'never' }), `byte ${offset}`).rejects.toMatchObject({
        code: 'journal.damaged',
      })
      expect(readFileSync(file).equals(flipped)).toBe(true)
    }
  })

  test('a record that was replaced together with its checksum is found by the seal of its block', async () => {
    const path = directory()
    const journal = await createFileJournal({ directory: path, fsync: 'never' })
    write(journal, 0, 400, 'x'.repeat(300))
    await journal.close()
    const other = directory()
    const forged = await createFileJournal({ directory: other, fsync: 'never' })
    write(forged, 0, 1, 'y'.repeat(300))
    await forged.close()
    const bytes = readFileSync(fileOf(path))
    readFileSync(fileOf(other)).copy(bytes, 0)
    writeFileSync(fileOf(path), bytes)
    await expect(createFileJournal({ directory: path })).rejects.toThrowError(/seal does not match/)
  })

  test('a damaged record is refused even when it is in an earlier file; a missing end there is damage too', async () => {
    const path = directory()
    const journal = await createFileJournal({ directory: path, fsync: 'never', segmentBytes: 200_000 })
    write(journal, 0, 2_000, 'x'.repeat(200))
    await journal.close()
    const names = readdirSync(path).sort()
    expect(names.length).toBeGreaterThan(2)
    const again = await createFileJournal({ directory: path, fsync: 'never' })
    expect(again.count).toBe(2_000)
    await again.close()
    const first = join(path, names[0] as string)
    truncateSync(first, readFileSync(first).length - 5)
    await expect(createFileJournal({ directory: path })).rejects.toMatchObject({
      code: 'journal.damaged',
      details: { file: names[0] },
    })
  })

  test('a failed write is remembered: flush rejects, and nothing pretends to be kept', async () => {
    const journal = await createFileJournal({ directory: directory(), fsync: 'never' })
    write(journal, 0, 1)
    // A disk that is full, as the operating system offers it for tests.
    const full = await import('node:fs').then((fs) => fs.openSync('/dev/full', 'w'))
    Object.assign(journal, { descriptor: full })
    await expect(journal.flush()).rejects.toMatchObject({ code: 'journal.write-failed' })
    expect(BarfinexError.is(journal.fault, 'journal.write-failed')).toBe(true)
    const { count } = journal
    write(journal, 1, 5)
    expect(journal.count).toBe(count)
    await expect(journal.close()).rejects.toMatchObject({ code: 'journal.write-failed' })
  })
})
