import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Envelope } from '../bus/envelope.js'
import { createMemoryBus } from '../bus/memory-bus.js'
import type { Channel } from '../flow/channel.js'
import { flow } from '../flow/map.js'
import { createFileJournal } from '../journal/file-journal.js'
import type { Lease } from '../service/lease.js'
import { givens } from '../testing/given.js'
import { newYear } from '../testing/given-market.js'
import { aFill } from '../testing/given-order.js'
import { aSignal } from '../testing/given-signal.js'
import { carryNothing } from './carry.js'
import { DaemonJournal } from './daemon-journal.js'
import { ownerOf } from './journal-owner.js'
import { sendAgain } from './send-again.js'
import { takeOverHistory } from './take-over-history.js'
import { writeAheadBus } from './write-ahead-bus.js'

const made: string[] = []
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'barfinex-daemon-'))
  made.push(path)
  return path
}

async function journalIn(path: string) {
  const sources = new Set(['detector'])
  const journal = await DaemonJournal.open({ directory: path, fsync: 'interval', sources, carry: carryNothing })
  return { file: journal.file, journal }
}

function aLease(): Lease & { lose(): void } {
  let isHeld = true
  return {
    name: 'detector@main',
    epoch: 3,
    isHeld: () => isHeld,
    onLost: () => {},
    release: async () => {},
    lose: () => {
      isHeld = false
    },
  }
}

const signalChannel = flow.signal as unknown as Channel<never>

async function idsIn(path: string): Promise<readonly string[]> {
  const reader = await createFileJournal({ directory: path, readOnly: true })
  const ids: string[] = []
  for await (const { id } of reader.read()) ids.push(id)
  return ids
}

describe('the journal of a daemon', () => {
  it('has what was published before the turn of its publication ends, also where the process is killed in it', async () => {
    const path = directory()
    const { file, journal } = await journalIn(path)
    const bus = createMemoryBus()
    const publisher = writeAheadBus(bus, journal).publisher(flow.signal, 'detector', 3)
    publisher.publish(aSignal({ signalId: 'one' }), { occurredAt: newYear })
    // Read from outside, in the very same turn: what the operating system has survives a killed process.
    const ids = await idsIn(path)
    expect(ids).toEqual(['detector.signal:one'])
    await file.close()
  })

  it('refuses to publish what it could not hold, and goes on', async () => {
    const { file, journal } = await journalIn(directory())
    const bus = createMemoryBus()
    const heard: string[] = []
    bus.subscribe(flow.calibration, ({ payload }) => void heard.push(payload.calibratorHash))
    const publisher = writeAheadBus(bus, journal).publisher(flow.calibration, 'advisor', 3)
    const long = { ...givens.calibration(), state: { text: 'x'.repeat(17_000_000) } }
    expect(() => publisher.publish(long, { occurredAt: newYear })).toThrow(/Make its writer say less/)
    const wide = { ...givens.calibration(), state: { numbers: new Array<number>(2_000_000).fill(0) } }
    publisher.publish(wide, { occurredAt: newYear })
    expect(heard).toEqual([wide.calibratorHash])
    expect(journal.fault).toBeNull()
    await file.close()
  })

  it('writes each message once, however often it is delivered, also after a restart', async () => {
    const path = directory()
    const first = await journalIn(path)
    const bus = createMemoryBus()
    bus.tap((envelope, channel) => first.journal.append(envelope, channel))
    const publisher = writeAheadBus(bus, first.journal).publisher(flow.signal, 'detector')
    const said = publisher.publish(aSignal({ signalId: 'one' }), { occurredAt: newYear })
    first.journal.append(said as Envelope, signalChannel)
    await first.file.close()

    const second = await journalIn(path)
    second.journal.append(said as Envelope, signalChannel)
    expect(second.journal.count).toBe(1)
    await second.file.close()
  })

  it('says again what it wrote last, with the ids and causes it had, and leaves what others wrote to them', async () => {
    const path = directory()
    const first = await journalIn(path)
    const before = createMemoryBus()
    before.tap((envelope, channel) => first.journal.append(envelope, channel))
    const fill = before.publisher(flow.fill, 'provider').publish(aFill(), { occurredAt: newYear })
    const own = before.publisher(flow.signal, 'detector', 2)
    const said = own.publish(aSignal({ signalId: 'one' }), { occurredAt: newYear, cause: fill })
    own.publish(aSignal({ signalId: 'two' }), { occurredAt: newYear + 1 })
    await first.file.close()

    const { file, journal } = await journalIn(path)
    const after = createMemoryBus()
    const heard: Envelope[] = []
    after.tap((envelope) => heard.push(envelope))
    expect(await sendAgain(after, journal.lastWritten)).toBe(2)
    expect(heard.map(({ id, epoch }) => [id, epoch])).toEqual([
      ['detector.signal:one', 2],
      ['detector.signal:two', 2],
    ])
    expect(heard[0]).toMatchObject({
      correlationId: said.correlationId,
      causationId: said.causationId,
      payload: said.payload,
    })
    expect(heard[1]?.causationId).toBe(heard[1]?.id)
    await file.close()
  })

  it('is the right to act: without the lease nothing is published, and whoever writes before acting is told', async () => {
    const { file, journal } = await journalIn(directory())
    const lease = aLease()
    journal.guardBy(lease)
    const bus = createMemoryBus()
    const heard: string[] = []
    bus.tap(({ id }) => heard.push(id))
    const publisher = writeAheadBus(bus, journal).publisher(flow.signal, 'detector', 3)
    publisher.publish(aSignal({ signalId: 'one' }), { occurredAt: newYear })
    expect(journal.fault).toBeNull()
    lease.lose()
    expect(journal.fault).toMatchObject({ code: 'lease.lost' })
    await expect(journal.flush()).rejects.toMatchObject({ code: 'lease.lost' })
    const late = () => publisher.publish(aSignal({ signalId: 'two' }), { occurredAt: newYear })
    expect(late).toThrow(expect.objectContaining({ code: 'lease.lost' }))
    expect(() => publisher.publishAt(aSignal({ signalId: 'three' }), newYear)).toThrow(/lease/)
    expect(heard).toEqual(['detector.signal:one'])
    await file.close()
  })

  it('of one that takes over is filled with what the bus still holds, in the order in which it became true', async () => {
    const bus = createMemoryBus()
    const fills = bus.publisher(flow.fill, 'provider')
    const signals = bus.publisher(flow.signal, 'detector')
    fills.publish(aFill({ fillId: 'late' }), { occurredAt: newYear + 2 })
    signals.publish(aSignal({ signalId: 'first' }), { occurredAt: newYear })
    fills.publish(aFill({ fillId: 'together' }), { occurredAt: newYear + 1 })
    signals.publish(aSignal({ signalId: 'together' }), { occurredAt: newYear + 1 })
    const path = directory()
    const { file, journal } = await journalIn(path)
    expect(await takeOverHistory(bus, journal)).toBe(4)
    signals.publish(aSignal({ signalId: 'afterwards' }), { occurredAt: newYear + 3 })
    await file.close()
    expect(await idsIn(path)).toEqual([
      'detector.signal:first',
      'detector.signal:together',
      'order.fill:together',
      'order.fill:late',
    ])
  })

  it('tells who it belongs to: the same after a restart, another one elsewhere', () => {
    const path = directory()
    const owner = ownerOf(path, 'here')
    expect(ownerOf(path, 'here')).toBe(owner)
    expect(ownerOf(path, 'there')).not.toBe(owner)
    expect(ownerOf(directory(), 'here')).not.toBe(owner)
  })
})
