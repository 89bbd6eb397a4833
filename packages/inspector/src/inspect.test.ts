import { decimal, instrumentRules, type Order } from '@barfinex/core'
import {
  aFeed,
  anAccount,
  anInstrument,
  anIntent,
  anOrder,
  aPosition,
  aQuote,
  newYear,
  testRuns,
} from '@barfinex/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspect, type Question } from './inspect.js'
import { maxOrderNotional } from './policies/max-order-notional.js'
import { maxPositionNotional } from './policies/max-position-notional.js'
import { symbolAllowList } from './policies/symbol-allow-list.js'
import { definePolicy, type Policies, type Policy } from './policy.js'
import type { Situation } from './situation.js'
import { aSituation, inspectorSpec, intentFor } from './testing/index.js'

const swap = 'BTC/USDT:USDT'
const given = inspectorSpec(maxOrderNotional('1000'))
const failedClosed = 'inspector.policy.failed-closed'

function asked(order: Order | null, overrides: Partial<Situation> = {}): Question {
  const intent = overrides.intent ?? (order?.purpose === 'entry' ? intentFor(order) : null)
  const symbol = order?.symbol ?? 'BTC/USDT'
  return { ...aSituation({ symbol, ...overrides, intent }), purpose: order?.purpose ?? 'entry', order, refusals: [] }
}

/** Long or short so much of the perpetual. */
function holding(signed: string): Partial<Situation> {
  const quantity = decimal(signed)
  const side = quantity.isNegative ? 'short' : 'long'
  const position = aPosition({ symbol: swap, side, quantity: quantity.abs().toString() })
  return { account: anAccount({ positions: [position] }) }
}

const exit = anOrder({
  symbol: swap,
  side: 'sell',
  type: 'limit',
  limitPrice: '100.5',
  quantity: '1',
  purpose: 'exit',
  reduceOnly: true,
})

describe('inspect', () => {
  it('approves with the headroom it takes, and says what was asked', () => {
    const verdict = given(anAccount())
      .when(anOrder({ type: 'limit', limitPrice: '100' }))
      .thenApproved()
    expect(verdict).toMatchObject({ reservedNotional: '50', intentId: 'intent-1', decidedAt: newYear + 60_000 })
    expect(verdict.policies).toContain('inspector.policy.max-order-notional')
    expect(verdict.policies).toContain('inspector.rule.trading-state')
  })

  it('lists every reason, rules first', () => {
    const order = anOrder({ type: 'limit', limitPrice: '100', quantity: '20' })
    const spec = inspectorSpec(maxOrderNotional('1000'), symbolAllowList(['ETH/USDT']))
    spec(anAccount(), { trading: 'halted', intent: intentFor(order, { expiresAt: newYear }) })
      .when(order)
      .thenDeniedOnly(
        { code: 'inspector.rule.trading-state', limit: 'active', observed: 'halted' },
        { code: 'inspector.rule.intent-expired' },
        { code: 'inspector.policy.max-order-notional', limit: '1000', observed: '2000' },
        { code: 'inspector.policy.symbol-allow-list', observed: 'BTC/USDT' },
      )
  })

  it('values a market order at the worse of touch and reference', () => {
    const order = anOrder({ quantity: '1' })
    const intent = intentFor(order, { referencePrice: '100', targetPrice: '110' })
    expect(given(anAccount(), { intent }).when(order).verdict.reservedNotional).toBe('101.01')
    const lower = intentFor(order, { referencePrice: '102', targetPrice: '110' })
    expect(given(anAccount(), { intent: lower }).when(order).verdict.reservedNotional).toBe('102')
  })

  it('denies an entry without an account, an unknown one and an empty one', () => {
    const order = anOrder()
    const code = 'inspector.rule.account-unknown'
    given(null).when(order).thenDenied({ code, observed: null })
    given(anAccount({ known: false }))
      .when(order)
      .thenDenied({ code, observed: false })
    given(anAccount({ equityQuote: '0' }))
      .when(order)
      .thenDenied({ code, observed: '0' })
  })

  it('obeys the instrument', () => {
    const order = anOrder({ type: 'limit', limitPrice: '100.001', quantity: '0.000001' })
    given(anAccount()).when(order).thenDenied({ code: 'order.rule.step' }, { code: 'order.rule.tick' })
    const halted = instrumentRules(anInstrument({ status: 'halted' }))
    given(anAccount(), { rules: halted }).when(anOrder()).thenDenied({ code: 'order.rule.not-trading' })
    given(anAccount(), { rules: null as never })
      .when(anOrder())
      .thenDenied({ code: 'inspector.rule.instrument' })
    const inverse = instrumentRules(anInstrument({ symbol: swap, kind: 'swap', settle: 'BTC' }))
    given(anAccount(), { rules: inverse })
      .when(anOrder({ symbol: swap }))
      .thenDenied({
        code: 'inspector.rule.instrument',
        limit: 'USDT',
        observed: 'BTC',
      })
  })

  it('sells no spot that is not held', () => {
    const order = anOrder({ side: 'sell', type: 'limit', limitPrice: '100' })
    given(anAccount()).when(order).thenDenied({ code: 'inspector.rule.short-not-held', observed: 'short' })
    given(anAccount())
      .when({ ...order, symbol: swap })
      .thenApproved()
  })

  it('wants the stop and the target on their sides', () => {
    const order = anOrder({ type: 'limit', limitPrice: '100' })
    const code = 'inspector.rule.stop-side'
    const intent = intentFor(order, { stopPrice: '100', targetPrice: '99' })
    given(anAccount(), { intent }).when(order).thenDeniedOnly({ code, observed: '100' }, { code, observed: '99' })
    given(anAccount(), { intent: intentFor(order, { direction: 'short' }) })
      .when(order)
      .thenDenied({ code })
  })

  it('opens nothing against an open position', () => {
    const order = anOrder({ symbol: swap, type: 'limit', limitPrice: '100', quantity: '2' })
    given(null, holding('-1')).when(order).thenDenied({
      code: 'inspector.rule.opposite-position',
      limit: 'short',
      observed: 'buy',
    })
  })

  it('acts on a decision once, under whatever intent it comes back', () => {
    const order = anOrder({ intentId: 'intent-2' })
    const recent = [
      {
        intentId: 'intent-1',
        decisionId: 'decision-1',
        strategyId: 'other',
        symbol: 'ETH/USDT',
        direction: 'short',
        referencePrice: 1,
        approvedAt: newYear,
        filledAt: null,
      },
    ] as const
    given(anAccount(), { recent }).when(order).thenDenied({ code: 'inspector.rule.decision-spent' })
  })

  it('keeps room for stop and target under the count of open orders', () => {
    given(anAccount(), { maxOrderCount: 2 })
      .when(anOrder())
      .thenDenied({ code: 'inspector.rule.protective-reserve', limit: 2, observed: 3 })
  })

  it('denies what cannot be paid with its fees', () => {
    const order = anOrder({ type: 'limit', limitPrice: '100', quantity: '9.98' })
    const poor = anAccount({ balances: [{ asset: 'USDT', free: '1000', locked: '0', total: '1000' }] })
    // 1000 / (1 + 0.1 % fee + 0.2 % slack)
    given(poor).when(order).thenDeniedOnly({ code: 'inspector.rule.funds', limit: '997.00897308', observed: '998' })
    given(poor)
      .when({ ...order, quantity: '9.97' })
      .thenApproved()
  })

  it('lets contracts use the leverage and no more', () => {
    const order = anOrder({ symbol: swap, type: 'limit', limitPrice: '100', quantity: '150' })
    const spec = inspectorSpec(maxOrderNotional('100000'))
    spec(anAccount()).when(order).thenDeniedOnly({ code: 'inspector.rule.funds', observed: '15000' })
    spec(anAccount(), { leverage: 2 }).when(order).thenApproved()
  })

  it('lets what shrinks the position by our count pass in reduceOnly, and nothing else', () => {
    const order = anOrder({ symbol: swap, side: 'sell', type: 'limit', limitPrice: '102', quantity: '1' })
    const code = 'inspector.rule.trading-state'
    const state = { ...holding('1'), trading: 'reduceOnly' } as const
    const codes = given(null, state)
      .when(order)
      .verdict.reasons.map((reason) => reason.code)
    expect(codes).not.toContain(code)
    given(null, state)
      .when({ ...order, quantity: '1.01' })
      .thenDenied({ code, observed: 'reduceOnly' })
    given(null, { ...state, ...holding('-1') })
      .when(order)
      .thenDenied({ code, observed: 'reduceOnly' })
  })
})

describe('orders that protect or leave', () => {
  it('pass whatever the state, the limits and the data', () => {
    const trouble = {
      ...holding('1'),
      trading: 'halted',
      risk: {
        equityQuote: null,
        peakEquityQuote: null,
        dayStartEquityQuote: null,
        losingStreak: 9,
        lastLossAt: newYear,
        resumedAt: null,
      },
    } as const
    const dead = { quote: null, candle: null, feed: aFeed({ state: 'lost' }) }
    inspectorSpec(maxOrderNotional('1'))(null, trouble).when(exit).thenApproved()
    given(null, { ...trouble, market: dead, account: holding('1').account ?? null })
      .when(exit)
      .thenApproved()
    const halted = instrumentRules(anInstrument({ symbol: swap, kind: 'swap', status: 'halted' }))
    given(null, { ...trouble, rules: halted })
      .when(exit)
      .thenApproved()
  })

  it('may not enlarge or open, whatever they are called', () => {
    const code = 'inspector.rule.not-reducing'
    given(null, holding('1'))
      .when({ ...exit, side: 'buy' })
      .thenDenied({ code })
    given(null, holding('1'))
      .when({ ...exit, quantity: '1.01' })
      .thenDenied({ code, limit: '1', observed: '1.01' })
    given(anAccount()).when(exit).thenDenied({ code, limit: '0' })
    given(null, holding('1'))
      .when({ ...exit, reduceOnly: false })
      .thenDenied({ code, limit: true, observed: false })
  })

  it('wait with a stop that would fire at once', () => {
    const stop = { ...exit, purpose: 'stop', type: 'stopMarket', limitPrice: null, triggerPrice: '101' } as const
    given(null, holding('1')).when(stop).thenDenied({ code: 'inspector.rule.stop-would-trigger', limit: 100.99 })
    given(null, holding('1'))
      .when({ ...stop, triggerPrice: '100.98' })
      .thenApproved()
  })
})

describe('inspect is total', () => {
  const broken: readonly (readonly [string, Policy])[] = [
    [
      'throws',
      definePolicy({
        code: 'my.throws',
        judges: 'order',
        check: () => {
          throw new Error('boom')
        },
      }),
    ],
    [
      'throws something else',
      definePolicy({
        code: 'my.odd',
        judges: 'order',
        check: () => {
          throw 'boom'
        },
      }),
    ],
    ['answers nothing', definePolicy({ code: 'my.silent', judges: 'order', check: () => undefined as never })],
    [
      'answers a promise',
      definePolicy({ code: 'my.late', judges: 'order', check: () => Promise.resolve(null) as never }),
    ],
    ['answers yes', definePolicy({ code: 'my.yes', judges: 'situation', check: () => true as never })],
    [
      'measures NaN',
      definePolicy({
        code: 'my.nan',
        judges: 'situation',
        check: () => ({ limit: 1, observed: Number.NaN, message: 'NaN is not 1.' }),
      }),
    ],
  ]

  it.each(broken)('denies when a policy %s', (_what, policy) => {
    inspectorSpec(policy)(anAccount())
      .when(anOrder())
      .thenDeniedOnly({ code: failedClosed, limit: policy.code, observed: null })
  })

  it('goes on asking after a policy has failed', () => {
    inspectorSpec(
      broken[0]![1],
      symbolAllowList(['ETH/USDT']),
    )(anAccount())
      .when(anOrder())
      .thenDeniedOnly({ code: failedClosed }, { code: 'inspector.policy.symbol-allow-list' })
  })

  it('denies an order that cannot be valued', () => {
    const dead = { quote: null, candle: null, feed: null }
    const order = anOrder({ purpose: 'exit', reduceOnly: true })
    given(anAccount(), { market: dead }).when(order).thenDenied({ code: failedClosed })
  })

  it('denies when there is no order, for the reasons of sizing and of the moment', () => {
    const refusals = [{ code: 'inspector.size.below-minimum', message: 'Too little.' }]
    const question = { ...asked(null, { intent: anIntent(), trading: 'halted' }), refusals }
    const verdict = inspect(question, [symbolAllowList(['ETH/USDT'])])
    expect(verdict.order).toBeNull()
    expect(verdict.reasons.map(({ code }) => code)).toEqual([
      'inspector.size.below-minimum',
      'inspector.policy.symbol-allow-list',
    ])
    expect(inspect(asked(null, { intent: anIntent() }), [maxOrderNotional('1')]).reasons).toHaveLength(1)
  })

  const anyNumber = fc.oneof(fc.double(), fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e308))
  const anyText = fc.oneof(
    fc.constantFrom('0', '1', '-1', '0.5', '100', 'NaN', '', '1e9', '99999999999999999999'),
    fc.string({ maxLength: 8 }),
  )

  it('never throws and never approves what cannot be read, whatever it is given', () => {
    const policies: Policies = [maxOrderNotional('1000'), maxPositionNotional('10%')]
    fc.assert(
      fc.property(
        anyText,
        fc.option(anyText, { nil: null }),
        fc.option(anyText, { nil: null }),
        anyText,
        anyNumber,
        anyNumber,
        fc.constantFrom('entry', 'stop', 'target', 'exit' as const),
        fc.boolean(),
        (quantity, limitPrice, triggerPrice, stopPrice, bid, equityQuote, purpose, isFlagged) => {
          const order = anOrder({ quantity, limitPrice, triggerPrice, purpose, reduceOnly: isFlagged })
          const intent = anIntent({ stopPrice })
          const quote = aQuote({ bid, ask: bid })
          const risk = {
            equityQuote,
            peakEquityQuote: 1,
            dayStartEquityQuote: 1,
            losingStreak: 0,
            lastLossAt: null,
            resumedAt: null,
          }
          const question = asked(order, { intent, market: { quote, candle: null, feed: null }, risk })
          const verdict = inspect(question, policies)
          expect(verdict.type === 'approved').toBe(verdict.reasons.length === 0)
          const isReadable = /^(0|[1-9]\d*)(\.\d+)?$/.test(quantity) && Number(quantity) > 0
          if (!isReadable) expect(verdict.type).toBe('denied')
          if (purpose === 'entry' && !Number.isFinite(equityQuote)) expect(verdict.type).toBe('denied')
          for (const reason of verdict.reasons) {
            if (typeof reason.observed === 'number') expect(Number.isFinite(reason.observed)).toBe(true)
          }
        },
      ),
      { numRuns: testRuns(300) },
    )
  })

  it('never lets a protective order do more than shrink what is open', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -30, max: 30 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom('buy', 'sell' as const),
        fc.constantFrom('stop', 'target', 'exit' as const),
        (open, steps, side, purpose) => {
          const signed = decimal(String(open)).times(decimal('0.1'))
          const quantity = decimal(String(steps)).times(decimal('0.1'))
          const order = { ...exit, side, purpose, quantity: quantity.toString() }
          const verdict = inspect(asked(order, open === 0 ? {} : holding(signed.toString())), [maxOrderNotional('1')])
          const after = side === 'buy' ? signed.plus(quantity) : signed.minus(quantity)
          const shrinks =
            !after.abs().greaterThan(signed.abs()) && (after.isZero || after.isPositive === signed.isPositive)
          expect(verdict.type === 'approved').toBe(shrinks)
        },
      ),
      { numRuns: testRuns(200) },
    )
  })
})

describe('definePolicy', () => {
  it('wants a code that is dotted kebab, a kind and a check', () => {
    const check = () => null
    expect(() => definePolicy({ code: 'NoShorts', judges: 'order', check })).toThrow(/dotted kebab/)
    expect(() => definePolicy({ code: 'my.code', judges: 'order' } as never)).toThrow(/check/)
    expect(definePolicy({ code: 'my.code', judges: 'situation', check }).code).toBe('my.code')
  })
})
