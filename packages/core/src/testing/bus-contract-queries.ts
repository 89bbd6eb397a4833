import { describe, expect, it } from 'vitest'
import { queries } from '../bus/queries.js'
import { BarfinexError } from '../runtime/error.js'
import { gate, type MakeBus, onBus, until } from './bus-under-test.js'
import { candlesInRow, newYear } from './given-market.js'

const question = { symbol: 'BTC/USDT', timeframe: '1m', until: newYear, limit: 2, cursor: null } as const

/** Questions and answers. */
export function queryContract(makeBus: MakeBus): void {
  describe('queries', () => {
    it('are answered by the responder, synchronous or not', () =>
      onBus(makeBus, {}, async (bus) => {
        const asked: unknown[] = []
        const end = bus.respond(queries.candles, (request) => {
          asked.push(request)
          return { candles: candlesInRow(2), cursor: null }
        })
        await bus.settled()
        expect(await bus.ask(queries.candles, question)).toEqual({ candles: candlesInRow(2), cursor: null })
        expect(asked).toEqual([question])
        end()
        bus.respond(queries.candles, async () => ({ candles: [], cursor: newYear }))
        await bus.settled()
        expect(await bus.ask(queries.candles, question)).toEqual({ candles: [], cursor: newYear })
      }))

    it('reject with bus.no-responder when nobody answers', () =>
      onBus(makeBus, {}, async (bus) => {
        const end = bus.respond(queries.candles, () => ({ candles: [], cursor: null }))
        await bus.settled()
        end()
        end()
        await bus.settled()
        await expect(bus.ask(queries.candles, question)).rejects.toMatchObject({
          code: 'bus.no-responder',
          retryable: true,
        })
      }))

    it('hand on a fault of ours with its code, and anything else as bus.reply-failed', () =>
      onBus(makeBus, {}, async (bus) => {
        const end = bus.respond(queries.candles, () => {
          throw new BarfinexError('history.too-short', 'There is less.')
        })
        await bus.settled()
        await expect(bus.ask(queries.candles, question)).rejects.toMatchObject({ code: 'history.too-short' })
        end()
        bus.respond(queries.candles, async () => {
          throw new Error('disk')
        })
        await bus.settled()
        await expect(bus.ask(queries.candles, question)).rejects.toMatchObject({ code: 'bus.reply-failed' })
      }))

    it('have one responder: a second is refused with bus.responder-taken', () =>
      onBus(makeBus, {}, async (bus) => {
        bus.respond(queries.candles, () => ({ candles: [], cursor: 1 }))
        await bus.settled()
        expect(() => bus.respond(queries.candles, () => ({ candles: [], cursor: 2 }))).toThrow(
          expect.objectContaining({ code: 'bus.responder-taken' }),
        )
        expect((await bus.ask(queries.candles, question)).cursor).toBe(1)
      }))

    it('end with the reason of the abort signal', () =>
      onBus(makeBus, {}, async (bus) => {
        const block = gate()
        let asked = 0
        bus.respond(queries.candles, async () => {
          asked += 1
          await block.opened
          return { candles: [], cursor: null }
        })
        await bus.settled()
        const ending = new AbortController()
        const reason = new Error('not needed any more')
        const answer = bus.ask(queries.candles, question, { abortSignal: ending.signal })
        await until('the question has arrived', () => asked === 1)
        ending.abort(reason)
        await expect(answer).rejects.toBe(reason)
        await expect(bus.ask(queries.candles, question, { abortSignal: ending.signal })).rejects.toBe(reason)
        expect(asked).toBe(1)
        block.open()
      }))

    it('are refused with bus.closed after the end', () =>
      onBus(makeBus, {}, async (bus) => {
        await bus.close()
        await expect(bus.ask(queries.candles, question)).rejects.toMatchObject({ code: 'bus.closed' })
        expect(() => bus.respond(queries.candles, () => ({ candles: [], cursor: null }))).toThrow(
          expect.objectContaining({ code: 'bus.closed' }),
        )
      }))
  })
}
