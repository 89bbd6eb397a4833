import { describe, expect, it } from 'vitest'
import { longIntent, startDesk, swap, swapRules } from '../test/desk-under-test.js'
import { maxOpenPositions } from './policies/max-open-positions.js'
import { maxPositionNotional } from './policies/max-position-notional.js'

const policies = [maxPositionNotional('1000')] as const

describe('an intent', () => {
  it('becomes a sealed order, is protected when it fills, and ends as an outcome', async () => {
    const desk = await startDesk({ config: { policies } })
    const { exchange } = desk
    desk.propose()
    expect(desk.verdicts).toMatchObject([{ type: 'approved', reservedNotional: '1000', order: { quantity: '10' } }])
    expect(desk.risk()).toMatchObject({ reservedQuote: '1000', openPositionCount: 1 })
    await desk.pass(50)
    exchange.fill(exchange.working('entry')[0]!, '100.1')
    expect(desk.protection()).toMatchObject({ status: 'naked', positionQuantity: '10', nakedSince: desk.clock.now() })
    await desk.pass(0)
    expect(exchange.working('stop')).toMatchObject([
      { order: { quantity: '10', triggerPrice: '98', reduceOnly: true } },
    ])
    const [stop, target] = [exchange.working('stop')[0]!, exchange.working('target')[0]!]
    expect(target.order).toMatchObject({
      quantity: '10',
      limitPrice: '106',
      ocoGroup: stop.order.ocoGroup,
      side: 'sell',
    })
    await desk.pass(50)
    expect(desk.protection()).toMatchObject({ status: 'covered', coveredQuantity: '10', longestNakedMs: 50 })
    expect(desk.risk()).toMatchObject({ reservedQuote: '0', grossExposureQuote: '999.5' })
    exchange.fill(target, '106')
    await desk.pass(100)
    expect(desk.protection()).toMatchObject({ status: 'flat', positionQuantity: '0' })
    // 10 * 5.9 less 0.1 % of 1001 and of 1060.
    expect(desk.outcomes).toMatchObject([
      {
        exitReason: 'takeProfit',
        grossPnl: '59',
        fees: '2.061',
        netPnl: '56.939',
        entryPrice: '100.1',
        exitPrice: '106',
      },
    ])
    expect(desk.outcomes[0]?.resultR).toBeCloseTo(56.939 / 21, 6)
    expect(exchange.cash()).toBe('10056.939')
    expect(exchange.refusedSeals).toEqual([])
    expect(desk.faults).toEqual([])
    expect(desk.service.audit()).toEqual({
      approved: 1,
      denied: 0,
      nakedBeyondBoundMs: 0,
      longestNakedMs: 50,
      nakedTimes: { count: 1, p50Ms: 50, p99Ms: 50, p999Ms: 50, longestMs: 50 },
      openLots: 0,
    })
  })

  it('is denied when an approved entry of the other direction is still on its way', async () => {
    const desk = await startDesk({ config: { policies } })
    desk.propose()
    desk.propose(
      longIntent({
        intentId: 'intent-against',
        decisionId: 'decision-against',
        strategyId: 'another',
        direction: 'short',
        stopPrice: '102',
        targetPrice: '94',
      }),
    )
    expect(desk.verdicts.map((it) => it.type)).toEqual(['approved', 'denied'])
    expect(desk.verdicts[1]?.reasons).toContainEqual(
      expect.objectContaining({ code: 'inspector.rule.opposite-position', limit: 'long', observed: 'sell' }),
    )
  })

  it('is judged once, however often it comes', async () => {
    const desk = await startDesk({ config: { policies } })
    for (let count = 0; count < 100; count += 1) desk.propose()
    await desk.pass(100)
    expect(desk.verdicts).toHaveLength(1)
    expect(desk.exchange.commands).toHaveLength(1)
  })

  it('leads every message of its trade on its own trail', async () => {
    const desk = await startDesk({ config: { policies } })
    desk.propose()
    await desk.pass(50)
    desk.exchange.fill(desk.exchange.working('entry')[0]!, '100')
    await desk.pass(100)
    const trails = new Map<string, Set<string>>()
    for await (const { type, correlationId } of desk.journal.read()) {
      trails.set(type, (trails.get(type) ?? new Set()).add(correlationId))
    }
    const intentTrail = [...(trails.get('advisor.intent') ?? [])]
    for (const type of ['inspector.verdict', 'order.command'])
      expect([...(trails.get(type) ?? [])]).toEqual(intentTrail)
  })

  it('is denied while the account is not known, and the service says that it is degraded', async () => {
    const desk = await startDesk({ config: { policies } })
    desk.exchange.setKnown(false)
    expect(desk.service.status()).toMatchObject({ state: 'degraded', code: 'inspector.account-unknown' })
    desk.propose()
    expect(desk.verdicts[0]?.reasons.map(({ code }) => code)).toEqual(['inspector.rule.account-unknown'])
    desk.exchange.setKnown(true)
    expect(desk.service.status().state).toBe('ready')
  })

  it('gives its headroom back when the order ends', async () => {
    const desk = await startDesk({ config: { policies } })
    desk.exchange.refuseNext('entry', { code: 'exchange.order.insufficient-margin', message: 'Too poor.' })
    desk.propose()
    desk.propose({ intentId: 'intent-2' })
    expect(desk.verdicts.map(({ type }) => type)).toEqual(['approved', 'denied'])
    expect(desk.verdicts[1]?.reasons).toMatchObject([
      { code: 'inspector.policy.max-position-notional', limit: '1000', observed: '1005.2' },
    ])
    await desk.pass(60)
    desk.propose({ intentId: 'intent-3' })
    expect(desk.verdicts[2]?.type).toBe('approved')
    expect(desk.service.audit().openLots).toBe(1)
  })

  it('releases an order that nobody answers for once its seal is void', async () => {
    const desk = await startDesk({ config: { policies } })
    desk.exchange.answer(false)
    desk.propose()
    await desk.pass(10_500)
    expect(desk.risk()).toMatchObject({ reservedQuote: '1000' })
    await desk.pass(1_000)
    expect(desk.codes()).toContain('inspector.order.unanswered')
    expect(desk.risk()).toMatchObject({ reservedQuote: '0' })
    expect(desk.service.audit().openLots).toBe(0)
  })

  it('takes its limit entry back when it expires', async () => {
    const desk = await startDesk({ config: { policies } })
    desk.propose({ entry: 'limit', limitPrice: '99.5', expiresAt: desk.clock.now() + 5_000 })
    await desk.pass(4_999)
    expect(desk.exchange.working('entry')).toHaveLength(1)
    await desk.pass(60)
    expect(desk.exchange.working('entry')).toHaveLength(0)
    expect(desk.service.audit().openLots).toBe(0)
  })

  it('is counted with its working entry for the next one', async () => {
    const desk = await startDesk({ config: { policies: [maxPositionNotional('5000'), maxOpenPositions(1)] } })
    const other = { ...swapRules, symbol: 'ETH/USDT:USDT', base: 'ETH' }
    desk.exchange.instrument(other)
    desk.exchange.quote(other.symbol, 99.9, 100)
    desk.propose()
    desk.propose(longIntent({ intentId: 'intent-2', symbol: other.symbol }))
    expect(desk.verdicts[1]?.reasons.map(({ code }) => code)).toEqual(['inspector.policy.max-open-positions'])
  })

  it('is not traded when the journal cannot be written', async () => {
    const desk = await startDesk({ config: { policies } })
    Object.assign(desk.journal, { fault: new Error('disk full') })
    desk.propose()
    expect(desk.verdicts[0]?.reasons.map(({ code }) => code)).toEqual(['inspector.rule.journal-failed'])
  })

  it('is judged no more while draining; working entries are taken back, stops stay', async () => {
    const desk = await startDesk({ config: { policies: [maxPositionNotional('5000')] } })
    desk.propose()
    await desk.pass(50)
    desk.exchange.fill(desk.exchange.working('entry')[0]!, '100')
    await desk.pass(100)
    desk.propose({ intentId: 'intent-2', entry: 'limit', limitPrice: '99' })
    await desk.pass(100)
    await desk.service.parts[0]?.drain()
    desk.propose({ intentId: 'intent-3' })
    await desk.pass(100)
    expect(desk.verdicts.filter(({ purpose }) => purpose === 'entry')).toHaveLength(2)
    expect(desk.exchange.working('entry')).toHaveLength(0)
    expect(desk.exchange.resting(swap).toString()).toBe('25')
    expect(desk.service.status().state).toBe('draining')
  })
})

describe('options', () => {
  it('are refused when they are unknown, empty or unreadable', async () => {
    const start = (config: object) => startDesk({ config: config as never })
    await expect(start({ policies: [] })).rejects.toMatchObject({ code: 'options.invalid' })
    await expect(start({ policies, nakedBoundMs: 1 })).rejects.toThrow(/unknown option "nakedBoundMs"/)
    await expect(start({ policies, protection: { nakedBound: 1 } })).rejects.toThrow(/nakedBoundMs/)
    await expect(start({ policies, sizing: { riskPerTrade: '1' } })).rejects.toThrow(/share such as "1%"/)
    await expect(start({ policies: [{ code: 'x', check: () => null }] })).rejects.toThrow(/definePolicy/)
  })
})
