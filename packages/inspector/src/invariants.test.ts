import { type Decimal, decimal, isFinal } from '@barfinex/core'
import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DeskUnderTest, startDesk, swap, swapRules } from '../test/desk-under-test.js'
import { maxPositionNotional } from './policies/max-position-notional.js'
import { portfolioExposure } from './policies/portfolio-exposure.js'

const eth = 'ETH/USDT:USDT'
const both = [swapRules, { ...swapRules, symbol: eth, base: 'ETH' }]

/** Notional at 100 of what is open and of what entries may still open. */
function committed({ exchange }: DeskUnderTest, symbol: string): Decimal {
  const open = decimal(exchange.position(symbol)).abs()
  const working = exchange
    .working('entry')
    .filter(({ order }) => order.symbol === symbol)
    .reduce((total, it) => total.plus(decimal(it.order.quantity)).minus(it.filled), decimal('0'))
  return open.plus(working).times(decimal('100'))
}

describe('headroom', () => {
  const step = fc.oneof(
    fc.record({
      type: fc.constant('propose' as const),
      symbol: fc.constantFrom(swap, eth),
      strategyId: fc.constantFrom('one', 'two'),
      sizeCap: fc.constantFrom(1, 0.6, 0.3),
    }),
    fc.record({
      type: fc.constantFrom('fill' as const, 'part' as const, 'cancel' as const, 'target' as const),
      at: fc.nat(5),
    }),
    fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(0, 10, 60, 200) }),
  )

  it('is never spent twice, whoever asks, in whatever order things happen', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
        const desk = await startDesk({
          config: {
            policies: [maxPositionNotional('1500'), portfolioExposure('2500')],
            sizing: { maxNotional: '10%' },
          },
          exchange: { instruments: both, feeBps: '0' },
        })
        const { exchange } = desk
        for (const symbol of [swap, eth]) exchange.quote(symbol, 100, 100)
        let count = 0
        for (const next of steps) {
          if (next.type === 'pass') await desk.pass(next.ms)
          else if (next.type === 'propose') {
            const { symbol, strategyId, sizeCap } = next
            count += 1
            desk.propose({ intentId: `intent-${count}`, symbol, strategyId, sizeCap })
          } else {
            const pool = exchange.working(next.type === 'target' ? 'target' : 'entry')
            const order = pool[next.at % Math.max(1, pool.length)]
            if (order === undefined) continue
            if (next.type === 'cancel') exchange.end(order, 'canceled')
            else if (next.type === 'part') exchange.fill(order, '100', '0.001')
            else exchange.fill(order, order.order.limitPrice ?? '100')
          }
          const [one, other] = [committed(desk, swap), committed(desk, eth)]
          expect(one.toNumber()).toBeLessThanOrEqual(1_500)
          expect(other.toNumber()).toBeLessThanOrEqual(1_500)
          expect(one.plus(other).toNumber()).toBeLessThanOrEqual(2_500)
        }
        expect(desk.faults).toEqual([])
      }),
      { numRuns: testRuns(40) },
    )
  })

  it('goes to exactly one of two orders that are legal alone and illegal together', async () => {
    const desk = await startDesk({ config: { policies: [maxPositionNotional('1000')], sizing: { maxNotional: '8%' } } })
    desk.propose({ intentId: 'a', strategyId: 'one' })
    desk.propose({ intentId: 'b', strategyId: 'two' })
    expect(desk.verdicts.map(({ type, order }) => [type, order?.quantity])).toEqual([
      ['approved', '8'],
      // Sized into what the first has left.
      ['approved', '2'],
    ])
    desk.propose({ intentId: 'c', strategyId: 'three' })
    expect(desk.verdicts[2]).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'inspector.policy.max-position-notional', limit: '1000', observed: '1005.2' }],
    })
  })
})

describe('protection', () => {
  const act = fc.oneof(
    fc.record({
      type: fc.constantFrom(
        'entry' as const,
        'stop' as const,
        'target' as const,
        'exit' as const,
        'cancelStop' as const,
        'cancelTarget' as const,
        'refuseStop' as const,
        'trigger' as const,
        'restart' as const,
        'propose' as const,
        'close' as const,
      ),
      share: fc.constantFrom('0.2', '0.5', '1'),
    }),
    fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(0, 20, 50, 120, 700) }),
    fc.record({ type: fc.constant('quote' as const), bid: fc.integer({ min: 970, max: 1_080 }) }),
  )

  it('never exceeds the position, never sells what is not held, and books every trade exact', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), fc.boolean(), async (acts, trails) => {
        const desk = await startDesk({
          config: {
            policies: [maxPositionNotional('5000')],
            sizing: { maxNotional: '10%' },
            protection: trails ? { trailing: { activateAtR: 0.5, distanceBps: 100, stepBps: 10 } } : {},
          },
        })
        const { exchange } = desk
        let intents = 0
        let commands = 0
        /** Executes a share of the oldest order of a purpose, as an exchange would: reduce-only never beyond the position. */
        const execute = (purpose: 'entry' | 'stop' | 'target' | 'exit', share: string, price: string): void => {
          const order = exchange.working(purpose).find(({ state }) => state !== 'submitted')
          if (order === undefined) return
          const rest = decimal(order.order.quantity).minus(order.filled)
          const most = purpose === 'entry' ? rest : rest.min(decimal(exchange.position(swap)).abs())
          const part = most.times(decimal(share)).roundTo(decimal('0.001'), 'down')
          if (part.isPositive) exchange.fill(order, price, part.toString())
        }
        // Most of what can go wrong needs something open first.
        const opening = [
          { type: 'propose', share: '1' },
          { type: 'pass', ms: 50 },
          { type: 'entry', share: '0.5' },
        ] as const
        for (const next of [...opening, ...acts]) {
          const [stop] = exchange.working('stop').filter(({ state }) => state === 'accepted')
          const [target] = exchange.working('target').filter(({ state }) => state === 'accepted')
          if (next.type === 'pass') await desk.pass(next.ms)
          else if (next.type === 'quote') exchange.quote(swap, next.bid / 10, next.bid / 10 + 0.1)
          else if (next.type === 'propose') desk.propose({ intentId: `intent-${++intents}` })
          else if (next.type === 'close')
            desk.operate({ type: 'closePosition', symbol: swap, commandId: `c-${++commands}` })
          else if (next.type === 'restart') {
            await desk.crash()
            await desk.boot()
          } else if (next.type === 'refuseStop') {
            exchange.refuseNext('stop', { code: 'exchange.order.invalid', message: 'No.' })
          } else if (next.type === 'cancelStop' && stop !== undefined) exchange.end(stop, 'canceled')
          else if (next.type === 'cancelTarget' && target !== undefined) exchange.end(target, 'canceled')
          else if (next.type === 'trigger' && stop !== undefined) exchange.trigger(stop)
          else if (next.type === 'entry' || next.type === 'exit') execute(next.type, next.share, '100')
          else if (next.type === 'stop' || next.type === 'target') {
            execute(next.type, next.share, next.type === 'stop' ? '98' : '106')
          }
          expect(decimal(exchange.position(swap)).isNegative).toBe(false)
          // The exchange books a target before anybody can shrink the stop beside it; an instant later nothing may exceed.
          await desk.pass(0)
          const settled = exchange.working('stop').every(({ state }) => state === 'accepted')
          const isQuiet = settled && exchange.working('target').every(({ filled }) => filled.isZero)
          if (isQuiet && exchange.working('exit').length === 0) {
            const resting = exchange.resting(swap)
            expect(resting.greaterThan(decimal(exchange.position(swap))), `${resting}`).toBe(false)
          }
        }
        // Everything calms down: whatever is open ends up covered, or is on its way out.
        exchange.quote(swap, 103, 103.1)
        await desk.pass(20_000)
        for (const entry of exchange.working('entry')) exchange.end(entry, 'canceled')
        for (let turn = 0; turn < 40 && exchange.working('exit').length > 0; turn += 1) {
          execute('exit', '1', '103')
          await desk.pass(700)
        }
        await desk.pass(1_000)
        const open = decimal(exchange.position(swap))
        expect(exchange.resting(swap).toString()).toBe(open.toString())
        expect(desk.protection()?.status ?? 'flat').toBe(open.isZero ? 'flat' : 'covered')
        if (open.isZero) {
          const earned = desk.outcomes.reduce((total, it) => total.plus(decimal(it.netPnl)), decimal('10000'))
          expect(earned.toString()).toBe(exchange.cash())
          expect([...exchange.orders.values()].every(({ state }) => isFinal(state))).toBe(true)
        }
        expect(exchange.refusedSeals).toEqual([])
        expect(desk.faults).toEqual([])
      }),
      { numRuns: testRuns(40) },
    )
  })
})
