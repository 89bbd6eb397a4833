import { decimal, instrumentRules, type Order, roundQuantity } from '@barfinex/core'
import { aFeed, anAccount, anInstrument, anIntent, aQuote, testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspect } from './inspect.js'
import { limitAmount } from './limit-amount.js'
import { maxPositionNotional } from './policies/max-position-notional.js'
import { definePolicy, type Policies } from './policy.js'
import type { Situation } from './situation.js'
import { size } from './size.js'
import type { SizingPlan } from './sizing-plan.js'
import { anAccountOf, aSituation } from './testing/index.js'

const wide: Policies = [maxPositionNotional('1000000000')]
const plan = (riskPerTrade = '1%', maxNotional = '100%'): SizingPlan => ({
  riskPerTrade: limitAmount(riskPerTrade, 'test').value,
  maxNotional: limitAmount(maxNotional, 'test'),
})

function orderOf(situation: Situation, how = plan(), policies = wide): Order {
  const sized = size(situation, how, policies)
  if (sized.type !== 'order') throw new Error(JSON.stringify(sized.reasons))
  return sized.order
}

function codesOf(situation: Situation, how = plan(), policies = wide): readonly string[] {
  const sized = size(situation, how, policies)
  return sized.type === 'order' ? [] : sized.reasons.map(({ code }) => code)
}

describe('size', () => {
  it('risks the share of equity over the way to the stop, fees of both legs included', () => {
    // 100 / (2.01 + 0.1 % of (101.01 + 99)) = 45.24..., no more than 10,000 / 1.003 / 101.01 and 10,000 / 101.01.
    const sized = size(aSituation({ intent: anIntent() }), plan(), wide)
    expect(sized).toMatchObject({ type: 'order', order: { quantity: '45.24866', side: 'buy', type: 'market' } })
    if (sized.type === 'order') expect(sized.riskQuote.toNumber()).toBeCloseTo(100, 3)
  })

  it('makes a limit entry that waits, under an id that follows from the intent', () => {
    const intent = anIntent({ entry: 'limit', limitPrice: '100', expiresAt: 1 })
    const order = orderOf(aSituation({ intent }))
    expect(order).toMatchObject({ type: 'limit', limitPrice: '100', timeInForce: 'gtc', purpose: 'entry', attempt: 0 })
    expect(orderOf(aSituation({ intent, now: 5 })).clientOrderId).toBe(order.clientOrderId)
    expect(order.clientOrderId).toMatch(/^[a-z2-7]{26}$/)
  })

  it('scales with the size cap', () => {
    const whole = orderOf(aSituation({ intent: anIntent() }))
    const half = orderOf(aSituation({ intent: anIntent({ sizeCap: 0.5 }) }))
    expect(Number(half.quantity)).toBeCloseTo(Number(whole.quantity) / 2, 4)
  })

  it('keeps to the largest notional', () => {
    const order = orderOf(aSituation({ intent: anIntent() }), plan('1%', '1010.1'))
    expect(order.quantity).toBe('10')
  })

  it('fits into the room that policies have left', () => {
    const order = orderOf(aSituation({ intent: anIntent() }), plan(), [maxPositionNotional('505.05')])
    expect(order.quantity).toBe('5')
  })

  it('proposes the smallest order where a policy leaves no room, so that its refusal can be told', () => {
    const policies: Policies = [maxPositionNotional('3')]
    const situation = aSituation({ intent: anIntent() })
    const order = orderOf(situation, plan(), policies)
    // Five quote are the least, with one step and the fee on top so that the stop can still be placed.
    expect(order.quantity).toBe('0.05057')
    const verdict = inspect({ ...situation, purpose: 'entry', order, refusals: [] }, policies)
    expect(verdict.reasons).toMatchObject([{ code: 'inspector.policy.max-position-notional', limit: '3' }])
  })

  it('takes a policy whose room cannot be told for one without room', () => {
    const blind = definePolicy({
      code: 'my.blind',
      judges: 'order',
      check: () => null,
      room: () => {
        throw new Error('no idea')
      },
    })
    expect(orderOf(aSituation({ intent: anIntent() }), plan(), [blind]).quantity).toBe('0.05057')
  })

  it('refuses what comes out too small', () => {
    const poor = aSituation({ intent: anIntent(), account: anAccountOf('4.9') })
    expect(codesOf(poor)).toEqual(['inspector.size.below-minimum'])
    const careful = aSituation({ intent: anIntent({ sizeCap: 0.001 }) })
    expect(codesOf(careful, plan('0.1%'))).toEqual(['inspector.size.below-minimum'])
  })

  it('refuses a stop on the wrong side of where it would enter', () => {
    const intent = anIntent({ stopPrice: '101.01' })
    expect(codesOf(aSituation({ intent }))).toEqual(['inspector.size.no-stop-distance'])
    expect(codesOf(aSituation({ intent: anIntent({ direction: 'short' }) }))).toEqual([
      'inspector.size.no-stop-distance',
    ])
  })

  it.each([
    ['the equity is not known', { risk: { equityQuote: null } }],
    ['the equity is zero', { risk: { equityQuote: 0 } }],
    ['the equity is NaN', { risk: { equityQuote: Number.NaN } }],
    ['the account is not known', { account: null }],
    ['an open position has no price', { exposure: { positionsQuote: null }, swap: true }],
  ])('refuses when %s', (_what, { swap, ...overrides }: { swap?: boolean; [key: string]: unknown }) => {
    const symbol = swap === true ? 'BTC/USDT:USDT' : 'BTC/USDT'
    const base = aSituation({ intent: anIntent({ symbol }), symbol })
    const merged: Record<string, unknown> = { ...base }
    for (const [key, value] of Object.entries(overrides)) {
      merged[key] = value === null ? null : { ...(merged[key] as object), ...(value as object) }
    }
    expect(codesOf(merged as unknown as Situation)).toEqual(['inspector.size.failed-closed'])
  })

  it('says so when there is nothing to size or no rules to size by', () => {
    expect(codesOf(aSituation())).toEqual(['inspector.size.no-intent'])
    expect(codesOf({ ...aSituation({ intent: anIntent() }), rules: null })).toEqual(['inspector.size.no-rules'])
  })

  it('never risks, spends or orders more than it may, and always in whole steps', () => {
    fc.assert(
      fc.property(
        fc.record({
          equity: fc.integer({ min: 1, max: 1_000_000 }),
          free: fc.integer({ min: 0, max: 1_000_000 }),
          priceTicks: fc.integer({ min: 100, max: 10_000_000 }),
          stopTicks: fc.integer({ min: 1, max: 5_000 }),
          sizeCap: fc.double({ min: 0.01, max: 1, noNaN: true }),
          riskBps: fc.integer({ min: 1, max: 1_000 }),
          isLong: fc.boolean(),
          isSwap: fc.boolean(),
          feeBps: fc.integer({ min: 0, max: 100 }),
        }),
        ({ equity, free, priceTicks, stopTicks, sizeCap, riskBps, isLong, isSwap, feeBps }) => {
          const symbol = isSwap ? 'BTC/USDT:USDT' : 'BTC/USDT'
          const tick = decimal('0.01')
          const price = decimal(String(priceTicks)).times(tick)
          const distance = decimal(String(Math.min(stopTicks, priceTicks - 1))).times(tick)
          const isUp = isLong || !isSwap
          const stop = isUp ? price.minus(distance) : price.plus(distance)
          const rules = instrumentRules(
            anInstrument({ symbol, kind: isSwap ? 'swap' : 'spot', takerFeeBps: String(feeBps) }),
          )
          const balances = [{ asset: 'USDT', free: String(free), locked: '0', total: String(free) }]
          const account = anAccount({ equityQuote: String(equity), balances })
          const quote = aQuote({ symbol, bid: price.toNumber(), ask: price.toNumber() })
          const intent = anIntent({
            symbol,
            direction: isUp ? 'long' : 'short',
            referencePrice: price.toString(),
            stopPrice: stop.toString(),
            sizeCap,
          })
          const market = { quote, candle: null, feed: aFeed({ symbol }) }
          const situation = aSituation({ symbol, rules, account, intent, market })
          const how = { ...plan('100%', '50%'), riskPerTrade: decimal('0.0001').times(decimal(String(riskBps))) }
          const sized = size(situation, how, [maxPositionNotional('100000')])
          if (sized.type === 'refused') {
            expect(sized.reasons.map(({ code }) => code)).toEqual(['inspector.size.below-minimum'])
            return
          }
          const quantity = decimal(sized.order.quantity)
          const notional = quantity.times(price)
          const budget = (equity * riskBps * sizeCap) / 10_000
          expect(quantity.isPositive).toBe(true)
          expect(roundQuantity(rules, quantity).equals(quantity)).toBe(true)
          expect(sized.riskQuote.toNumber()).toBeLessThanOrEqual(budget * (1 + 1e-9))
          expect(notional.toNumber()).toBeLessThanOrEqual(equity * 0.5 * sizeCap * (1 + 1e-9))
          const fee = notional.times(rules.takerFee)
          expect(
            (isSwap ? fee.plus(notional) : notional.plus(fee)).greaterThan(decimal(String(Math.max(free, 0)))),
          ).toBe(false)
        },
      ),
      { numRuns: testRuns(300) },
    )
  })
})
