import { BarfinexError, Decimal, decimal } from '@barfinex/core'
import { aCandle, aFeed, anAccount, anOrder, aQuote, newYear } from '@barfinex/core/testing'
import { describe, expect, it } from 'vitest'
import type { RecentEntry, RiskView } from '../situation.js'
import { anAccountOf, aSituation, inspectorSpec, intentFor } from '../testing/index.js'
import { cooldownAfterLoss } from './cooldown-after-loss.js'
import { dailyLoss } from './daily-loss.js'
import { drawdown } from './drawdown.js'
import { duplicateIntent } from './duplicate-intent.js'
import { losingStreak } from './losing-streak.js'
import { maxOpenOrders } from './max-open-orders.js'
import { maxOpenPositions } from './max-open-positions.js'
import { maxOrderNotional } from './max-order-notional.js'
import { maxPositionNotional } from './max-position-notional.js'
import { minRewardToRisk } from './min-reward-to-risk.js'
import { noTradeWindows } from './no-trade-windows.js'
import { orderRate } from './order-rate.js'
import { portfolioExposure } from './portfolio-exposure.js'
import { priceCollar } from './price-collar.js'
import { repeatedExecution } from './repeated-execution.js'
import { staleMarketData } from './stale-market-data.js'
import { symbolAllowList } from './symbol-allow-list.js'

const now = newYear + 60_000
const limitOrder = anOrder({ type: 'limit', limitPrice: '100', quantity: '5' })

function risk(overrides: Partial<RiskView>): RiskView {
  return {
    equityQuote: 10_000,
    peakEquityQuote: 10_000,
    dayStartEquityQuote: 10_000,
    losingStreak: 0,
    lastLossAt: null,
    resumedAt: null,
    ...overrides,
  }
}

function recent(overrides: Partial<RecentEntry> = {}): RecentEntry {
  return {
    intentId: 'intent-0',
    decisionId: 'decision-0',
    strategyId: 'ema-pullback',
    symbol: 'BTC/USDT',
    direction: 'long',
    referencePrice: 100,
    approvedAt: now - 30_000,
    filledAt: now - 29_900,
    ...overrides,
  }
}

/** What is held and promised of some symbols, all valued in quote. */
function exposure(rows: Readonly<Record<string, { readonly held?: string; readonly reserved?: string }>>) {
  const symbols = new Map(
    Object.entries(rows).map(([symbol, { held = '0', reserved = '0' }]) => [
      symbol,
      {
        symbol,
        signedQuantity: decimal(held),
        positionQuote: decimal(held),
        reservedQuote: decimal(reserved),
        promisedQuantity: Decimal.zero,
        orderCount: 0,
        stopCount: 0,
        isLeaving: false,
        closingQuantities: new Map<string, Decimal>(),
        lowestSell: null,
        highestBuy: null,
      },
    ]),
  )
  const total = (pick: 'positionQuote' | 'reservedQuote') =>
    [...symbols.values()].reduce((sum, row) => sum.plus(row[pick]), decimal('0'))
  return {
    symbols,
    positionsQuote: total('positionQuote'),
    reservedQuote: total('reservedQuote'),
    openCount: symbols.size,
  }
}

describe('maxOrderNotional', () => {
  const code = 'inspector.policy.max-order-notional'

  it('lets the limit itself pass and refuses one step more', () => {
    const given = inspectorSpec(maxOrderNotional('500'))
    given(anAccount()).when(limitOrder).thenApproved()
    given(anAccount())
      .when({ ...limitOrder, quantity: '5.00001' })
      .thenDeniedOnly({ code, limit: '500', observed: '500.001' })
  })

  it('reads a share against the equity', () => {
    inspectorSpec(maxOrderNotional('5%'))(anAccountOf('9999')).when(limitOrder).thenDenied({ code, limit: '499.95' })
  })
})

describe('maxPositionNotional', () => {
  const code = 'inspector.policy.max-position-notional'
  const given = inspectorSpec(maxPositionNotional('1000'))

  it('counts the position, approved entries as filled, and the order', () => {
    given(anAccount(), { exposure: exposure({ 'BTC/USDT': { held: '300', reserved: '200' } }) })
      .when(limitOrder)
      .thenApproved()
    given(anAccount(), { exposure: exposure({ 'BTC/USDT': { held: '300', reserved: '200.01' } }) })
      .when(limitOrder)
      .thenDeniedOnly({ code, limit: '1000', observed: '1000.01' })
  })

  it('counts no other symbol', () => {
    given(anAccount(), { exposure: exposure({ 'ETH/USDT': { held: '2000' } }) })
      .when(limitOrder)
      .thenApproved()
  })

  it('denies when the position has no price', () => {
    const held = exposure({ 'BTC/USDT': { held: '1' } })
    const row = { ...held.symbols.get('BTC/USDT')!, positionQuote: null }
    given(anAccount(), { exposure: { ...held, symbols: new Map([['BTC/USDT', row]]) } })
      .when(limitOrder)
      .thenDenied({ code: 'inspector.policy.failed-closed', limit: code })
  })
})

describe('portfolioExposure', () => {
  it('adds up all symbols and promises', () => {
    const given = inspectorSpec(portfolioExposure('50%'))
    const open = exposure({ 'ETH/USDT': { held: '2500' }, 'SOL/USDT': { held: '1000', reserved: '1000' } })
    given(anAccount(), { exposure: open }).when(limitOrder).thenApproved()
    given(anAccount(), { exposure: open })
      .when({ ...limitOrder, quantity: '5.1' })
      .thenDenied({ code: 'inspector.policy.portfolio-exposure', limit: '5000', observed: '5010' })
  })
})

describe('maxOpenPositions', () => {
  it('counts symbols, and adding to an open one is not another', () => {
    const given = inspectorSpec(maxOpenPositions(2))
    const two = exposure({ 'ETH/USDT': { held: '1' }, 'SOL/USDT': { reserved: '1' } })
    given(anAccount(), { exposure: two })
      .when(limitOrder)
      .thenDeniedOnly({ code: 'inspector.policy.max-open-positions', limit: 2, observed: 3 })
    const withOurs = exposure({ 'ETH/USDT': { held: '1' }, 'BTC/USDT': { held: '1' } })
    given(anAccount(), { exposure: withOurs }).when(limitOrder).thenApproved()
  })
})

describe('dailyLoss', () => {
  const code = 'inspector.policy.daily-loss'

  it('denies from the limit on and stands down until the next 00:00 UTC', () => {
    const policy = dailyLoss('2%')
    const given = inspectorSpec(policy)
    given(anAccount(), { risk: risk({ equityQuote: 9_800.01 }) })
      .when(limitOrder)
      .thenApproved()
    const breached = risk({ equityQuote: 9_800 })
    given(anAccount(), { risk: breached }).when(limitOrder).thenDeniedOnly({ code, limit: '200', observed: '200' })
    expect(policy.watch?.({ now, risk: breached, recent: [] })).toMatchObject({
      type: 'standDown',
      until: newYear + 86_400_000,
    })
    expect(policy.watch?.({ now, risk: risk({}), recent: [] })).toBeNull()
  })

  it('takes an amount of the quote asset and can close everything', () => {
    const policy = dailyLoss('150', { onBreach: 'closeAll' })
    const alarm = policy.watch?.({ now, risk: risk({ equityQuote: 9_849.5 }), recent: [] })
    expect(alarm).toMatchObject({ type: 'closeAll', limit: '150', observed: '150.5' })
  })

  it('denies while the equity of the day is not known', () => {
    inspectorSpec(dailyLoss('2%'))(anAccount(), { risk: risk({ dayStartEquityQuote: null }) })
      .when(limitOrder)
      .thenDeniedOnly({ code: 'inspector.policy.failed-closed', limit: code })
  })
})

describe('drawdown', () => {
  it('measures from the peak and waits for a person', () => {
    const policy = drawdown('10%')
    const breached = risk({ equityQuote: 9_000 })
    inspectorSpec(policy)(anAccount(), { risk: breached })
      .when(limitOrder)
      .thenDeniedOnly({ code: 'inspector.policy.drawdown', limit: 0.1, observed: 0.1 })
    expect(policy.watch?.({ now, risk: breached, recent: [] })).toMatchObject({ type: 'standDown', until: null })
    inspectorSpec(policy)(anAccount(), { risk: risk({ equityQuote: 9_000.01 }) })
      .when(limitOrder)
      .thenApproved()
  })

  it.each([0, Number.NaN, Number.POSITIVE_INFINITY, null])('denies when the peak is %s', (peakEquityQuote) => {
    inspectorSpec(drawdown('10%'))(anAccount(), { risk: risk({ peakEquityQuote }) })
      .when(limitOrder)
      .thenDeniedOnly({ code: 'inspector.policy.failed-closed', limit: 'inspector.policy.drawdown' })
  })
})

describe('losingStreak', () => {
  const policy = losingStreak(3, { pauseMs: 60_000 })

  it('rests after the streak until the pause is over', () => {
    const given = inspectorSpec(policy)
    const streak = risk({ losingStreak: 3, lastLossAt: now - 59_999 })
    given(anAccount(), { risk: streak })
      .when(limitOrder)
      .thenDeniedOnly({ code: 'inspector.policy.losing-streak', limit: 3, observed: 3 })
    given(anAccount(), { risk: { ...streak, lastLossAt: now - 60_000 } })
      .when(limitOrder)
      .thenApproved()
    given(anAccount(), { risk: { ...streak, losingStreak: 2 } })
      .when(limitOrder)
      .thenApproved()
  })

  it('asks for fewer signals one loss before it stands down', () => {
    const at = (streak: number) =>
      policy.watch?.({ now, risk: risk({ losingStreak: streak, lastLossAt: now }), recent: [] })?.type
    expect([at(1), at(2), at(3), at(4)]).toEqual([undefined, 'throttle', 'standDown', 'standDown'])
  })
})

describe('cooldownAfterLoss', () => {
  it('rests for so long after a loss', () => {
    const given = inspectorSpec(cooldownAfterLoss(30_000))
    given(anAccount(), { risk: risk({ lastLossAt: now - 29_999 }) })
      .when(limitOrder)
      .thenDeniedOnly({ code: 'inspector.policy.cooldown-after-loss', limit: 30_000, observed: 29_999 })
    given(anAccount(), { risk: risk({ lastLossAt: now - 30_000 }) })
      .when(limitOrder)
      .thenApproved()
  })
})

describe('orderRate', () => {
  const policy = orderRate({ count: 5, perMs: 60_000 })
  const entries = (count: number, ageMs: number) =>
    Array.from({ length: count }, (_, at) => recent({ decisionId: `other-${at}`, approvedAt: now - ageMs }))

  it('counts approvals inside the window', () => {
    const given = inspectorSpec(policy)
    given(anAccount(), { recent: entries(4, 1) })
      .when(limitOrder)
      .thenApproved()
    given(anAccount(), { recent: entries(5, 1) })
      .when(limitOrder)
      .thenDeniedOnly({ code: 'inspector.policy.order-rate', limit: 5, observed: 6 })
    given(anAccount(), { recent: entries(5, 60_000) })
      .when(limitOrder)
      .thenApproved()
  })

  it('asks for fewer signals from four fifths on', () => {
    const watched = (count: number) => policy.watch?.({ now, risk: risk({}), recent: entries(count, 10) })
    expect(watched(3)).toBeNull()
    expect(watched(4)).toMatchObject({ type: 'throttle', until: now - 10 + 60_000 })
  })
})

describe('priceCollar', () => {
  const code = 'inspector.policy.price-collar'
  const given = inspectorSpec(priceCollar({ maxDeviationBps: 200, maxQuoteAgeMs: 5_000 }))

  it('holds a limit to the mid of a fresh quote', () => {
    given(anAccount())
      .when({ ...limitOrder, limitPrice: '99', quantity: '1' })
      .thenApproved()
    given(anAccount())
      .when({ ...limitOrder, limitPrice: '98.97', quantity: '1' })
      .thenDenied({ code, limit: 200, observed: 200.99 })
  })

  it('holds a market order to the price it was decided at', () => {
    const order = anOrder({ quantity: '1' })
    given(anAccount(), { intent: intentFor(order, { referencePrice: '95', stopPrice: '90' }) })
      .when(order)
      .thenDenied({ code, observed: 594.06 })
  })

  it('refuses an old quote, and denies without one', () => {
    const quote = aQuote({ bid: 100, ask: 100.02, occurredAt: now - 5_001 })
    const market = { quote, candle: null, feed: aFeed() }
    given(anAccount(), { market }).when(limitOrder).thenDenied({ code, limit: 5_000, observed: 5_001 })
    given(anAccount(), { market: { ...market, quote: null } })
      .when(limitOrder)
      .thenDenied({ code: 'inspector.policy.failed-closed', limit: code })
  })
})

describe('minRewardToRisk', () => {
  it('takes fees on both legs into account', () => {
    // Reward 4 - 0.1 % of (100 + 104), risk 2 + 0.1 % of (100 + 98).
    const given = inspectorSpec(minRewardToRisk(1.73))
    given(anAccount())
      .when(limitOrder)
      .thenDeniedOnly({ code: 'inspector.policy.min-reward-to-risk', limit: 1.73, observed: 1.727 })
    inspectorSpec(minRewardToRisk(1.72))(anAccount()).when(limitOrder).thenApproved()
  })
})

describe('staleMarketData', () => {
  const code = 'inspector.policy.stale-market-data'
  const given = inspectorSpec(staleMarketData(1_000))

  it('takes the newer of quote and closed candle', () => {
    const quote = aQuote({ occurredAt: now - 1_001 })
    const feed = aFeed()
    given(anAccount(), { market: { quote, candle: null, feed } })
      .when(limitOrder)
      .thenDenied({ code, limit: 1_000, observed: 1_001 })
    given(anAccount(), { market: { quote, candle: aCandle({ openTime: newYear }), feed } })
      .when(limitOrder)
      .thenApproved()
  })

  it.each(['stale', 'gap', 'lost', 'starting'] as const)('refuses a feed that is %s', (state) => {
    const market = { quote: aQuote({ occurredAt: now }), candle: null, feed: aFeed({ state }) }
    given(anAccount(), { market }).when(limitOrder).thenDenied({ code, limit: 'live', observed: state })
  })
})

describe('duplicateIntent', () => {
  const code = 'inspector.policy.duplicate-intent'

  it('refuses the same entry within the window and the price band', () => {
    const given = inspectorSpec(duplicateIntent())
    given(anAccount(), { recent: [recent()] })
      .when(limitOrder)
      .thenDeniedOnly({ code, limit: 60_000, observed: 30_000 })
    given(anAccount(), { recent: [recent({ approvedAt: now - 60_000 })] })
      .when(limitOrder)
      .thenApproved()
    given(anAccount(), { recent: [recent({ referencePrice: 100.2 })] })
      .when(limitOrder)
      .thenApproved()
    given(anAccount(), { recent: [recent({ strategyId: 'breakout' })] })
      .when(limitOrder)
      .thenApproved()
  })
})

describe('symbolAllowList', () => {
  it('opens the named symbols only', () => {
    const given = inspectorSpec(symbolAllowList(['ETH/USDT']))
    given(anAccount())
      .when(limitOrder)
      .thenDeniedOnly({ code: 'inspector.policy.symbol-allow-list', limit: 'ETH/USDT', observed: 'BTC/USDT' })
  })
})

describe('noTradeWindows', () => {
  // 1 January 2024 is a Monday.
  const at = (day: number, time: string) => Date.parse(`2024-01-0${day}T${time}:00Z`)
  const judge = (policy: ReturnType<typeof noTradeWindows>, instant: number) =>
    policy.check(aSituation({ now: instant })) === null

  it('begins with the first minute and ends before the last', () => {
    const policy = noTradeWindows([{ days: ['mon'], from: '09:00', to: '10:30', timeZone: 'UTC' }])
    expect(
      [at(1, '08:59'), at(1, '09:00'), at(1, '10:29'), at(1, '10:30'), at(2, '09:30')].map((it) => judge(policy, it)),
    ).toEqual([true, false, false, true, true])
  })

  it('goes over midnight on the day on which it begins', () => {
    const policy = noTradeWindows([{ days: ['mon'], from: '22:00', to: '02:00', timeZone: 'UTC' }])
    expect([at(1, '01:00'), at(1, '22:00'), at(2, '01:59'), at(2, '02:00')].map((it) => judge(policy, it))).toEqual([
      true,
      false,
      false,
      true,
    ])
  })

  it('takes 24:00 as the end of the day and every day when none is named', () => {
    const policy = noTradeWindows([{ from: '00:00', to: '24:00', timeZone: 'UTC' }])
    expect([at(1, '00:00'), at(3, '23:59')].map((it) => judge(policy, it))).toEqual([false, false])
  })
})

describe('limits nobody can name', () => {
  it.each([
    ['an empty amount', () => maxOrderNotional('')],
    ['a negative amount', () => maxOrderNotional('-1')],
    ['zero', () => maxPositionNotional('0')],
    ['NaN', () => maxOpenPositions(Number.NaN)],
    ['an infinite pause', () => cooldownAfterLoss(Number.POSITIVE_INFINITY)],
    ['a drawdown in quote', () => drawdown('500')],
    ['more than all', () => drawdown('101%')],
    ['an empty allow-list', () => symbolAllowList([])],
    ['a symbol that is none', () => symbolAllowList(['btc'])],
    ['no windows', () => noTradeWindows([])],
    ['a time that is none', () => noTradeWindows([{ from: '25:00', to: '02:00', timeZone: 'UTC' }])],
  ])('refuses %s', (_name, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'options.invalid' }))
    expect(() => {
      try {
        make()
      } catch (error) {
        if (!BarfinexError.is(error)) throw error
      }
    }).not.toThrow()
  })
})

describe('maxOpenOrders', () => {
  it('counts what every symbol has or is entitled to, and what one more entry brings', () => {
    const given = inspectorSpec(maxOpenOrders(10))
    const open = (count: number) => {
      const rows = exposure({ 'ETH/USDT': { held: '1' }, 'SOL/USDT': { held: '1' } })
      const symbols = new Map([...rows.symbols].map(([symbol, row]) => [symbol, { ...row, orderCount: count }]))
      return { exposure: { ...rows, symbols } }
    }
    given(anAccount(), open(3)).when(limitOrder).thenApproved()
    given(anAccount(), open(4))
      .when(limitOrder)
      .thenDeniedOnly({ code: 'inspector.policy.max-open-orders', limit: 10, observed: 11 })
  })
})

describe('repeatedExecution', () => {
  const code = 'inspector.policy.repeated-execution'
  const policy = repeatedExecution({ count: 2, perMs: 60_000 })
  const twice = [recent({ approvedAt: now - 30_000 }), recent({ approvedAt: now - 10_000 })]

  it('refuses a strategy its third entry in the window, and nobody else', () => {
    const given = inspectorSpec(policy)
    given(anAccount(), { recent: twice }).when(limitOrder).thenDeniedOnly({ code, limit: 2, observed: 3 })
    given(anAccount(), { recent: twice.map((it) => ({ ...it, strategyId: 'other' })) })
      .when(limitOrder)
      .thenApproved()
    given(anAccount(), { recent: twice.map((it) => ({ ...it, approvedAt: now - 60_000 })) })
      .when(limitOrder)
      .thenApproved()
  })

  it('asks for a person when the last one that passes has filled, and counts anew once one has resumed', () => {
    const watched = { now, risk: risk({}), recent: twice }
    expect(policy.watch?.(watched)).toMatchObject({ type: 'standDown', until: null, limit: 2, observed: 2 })
    expect(policy.watch?.({ ...watched, recent: twice.slice(1) })).toBeNull()
    expect(policy.watch?.({ ...watched, recent: twice.map((it) => ({ ...it, filledAt: null })) })).toBeNull()
    expect(policy.watch?.({ ...watched, risk: risk({ resumedAt: now - 5_000 }) })).toBeNull()
  })
})
