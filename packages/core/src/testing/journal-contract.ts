import { describe, expect, it } from 'vitest'
import type { Envelope } from '../bus/envelope.js'
import { plainEnvelope } from '../bus/envelope.js'
import { createMemoryBus } from '../bus/memory-bus.js'
import type { Channel } from '../flow/channel.js'
import { flow } from '../flow/map.js'
import { createFactChain } from '../journal/fact-chain.js'
import type { Journal } from '../journal/journal.js'
import { anEnvelope, givens } from './given.js'
import { newYear } from './given-market.js'
import { aFill, anOrderEvent } from './given-order.js'
import { anEvaluation, aSignal } from './given-signal.js'

/** Makes an empty journal. Each case of the contract gets one of its own and closes it. */
export type MakeJournal = () => Journal | Promise<Journal>

/** Every journalled message of the flow map, `rounds` times, through a bus as a desk does it. Returns what was written. */
export function writeDay(journal: Pick<Journal, 'append'>, rounds: number, from = 0): Envelope[] {
  const written: Envelope[] = []
  const bus = createMemoryBus()
  bus.tap((envelope, channel) => {
    journal.append(envelope, channel)
    written.push(plainEnvelope(envelope))
  })
  for (let round = from; round < from + rounds; round += 1) {
    const occurredAt = newYear + round * 60_000
    let cause: Envelope = bus.publisher(flow.candle, 'provider').publish(givens.candle(), { occurredAt })
    for (const name of Object.keys(flow) as (keyof typeof flow)[]) {
      const channel = flow[name] as unknown as Channel<unknown>
      cause = bus
        .publisher(channel, 'test', 1)
        .publish(givens[name](), { occurredAt, receivedAt: occurredAt + 3, cause })
    }
  }
  return written
}

export async function readAll(journal: Pick<Journal, 'read'>): Promise<Envelope[]> {
  const read: Envelope[] = []
  for await (const envelope of journal.read()) read.push(envelope)
  return read
}

/**
 * What every journal promises, as a vitest suite: it gives back what it got in order, counts it, hashes facts as
 * {@link createFactChain} does, and can be read while it grows.
 *
 * @example
 * journalContract('memory journal', () => createMemoryJournal())
 */
export function journalContract(name: string, makeJournal: MakeJournal): void {
  async function onJournal(run: (journal: Journal) => Promise<void>): Promise<void> {
    const journal = await makeJournal()
    try {
      await run(journal)
    } finally {
      await journal.close()
    }
  }

  describe(`${name} keeps the journal contract`, () => {
    it('is empty at first', () =>
      onJournal(async (journal) => {
        expect([journal.count, journal.fault, journal.hash()]).toEqual([0, null, createFactChain().hash()])
        expect(await readAll(journal)).toEqual([])
        await journal.flush()
      }))

    it('gives back every kind of message as it was, in order', () =>
      onJournal(async (journal) => {
        const written = writeDay(journal, 3)
        expect(written.length).toBeGreaterThan(30)
        expect(journal.count).toBe(written.length)
        expect(await readAll(journal)).toEqual(written)
        await journal.flush()
        expect(await readAll(journal)).toEqual(written)
      }))

    it('has nothing left to wait for after a flush', () =>
      onJournal(async (journal) => {
        writeDay(journal, 1)
        await journal.flush()
        expect(journal.flush()).toBeUndefined()
        expect(journal.fault).toBeNull()
      }))

    it('hashes commands and facts, and nothing else', () =>
      onJournal(async (journal) => {
        const chain = createFactChain()
        const add = <P>(channel: Channel<P>, payload: P, seq: number) => {
          const envelope = anEnvelope(channel, payload, { seq, occurredAt: newYear + seq })
          journal.append(envelope, channel as unknown as Channel<never>)
          chain.add(envelope, channel as unknown as Channel<never>)
        }
        add(flow.evaluation, anEvaluation(), 0)
        expect(journal.hash()).toBe('0'.repeat(64))
        add(flow.signal, aSignal(), 1)
        add(flow.orderEvent, anOrderEvent(), 2)
        const before = journal.hash()
        add(flow.evaluation, anEvaluation({ candleOpenTime: newYear + 60_000 }), 3)
        expect(journal.hash()).toBe(before)
        add(flow.fill, aFill(), 4)
        expect(journal.hash()).toBe(chain.hash())
        expect(journal.hash()).not.toBe(before)
        expect(journal.count).toBe(5)
      }))

    it('is read to where it stood, while it grows', () =>
      onJournal(async (journal) => {
        const first = writeDay(journal, 2)
        const read: Envelope[] = []
        for await (const envelope of journal.read()) {
          if (read.length === 1) writeDay(journal, 1, 2)
          read.push(envelope)
        }
        expect(read).toEqual(first)
        expect(await readAll(journal)).toHaveLength(first.length * 1.5)
      }))

    it('is read by several at once, and by one who stops early', () =>
      onJournal(async (journal) => {
        const written = writeDay(journal, 2)
        for await (const envelope of journal.read()) {
          expect(envelope).toEqual(written[0])
          break
        }
        const [one, other] = await Promise.all([readAll(journal), readAll(journal)])
        expect(one).toEqual(written)
        expect(other).toEqual(written)
      }))

    it('closes once', () =>
      onJournal(async (journal) => {
        writeDay(journal, 1)
        await journal.close()
        await journal.close()
      }))
  })
}
