import { Decimal, decimal, type Order } from '@barfinex/core'
import { expect } from 'vitest'
import type { AccountSnapshot, ExchangeCapabilities } from '../exchanges/exchange.js'
import type { ContractMarket } from './contract-market.js'
import type { ExchangeScenario } from './exchange-scenario.js'

const needsType = (type: Order['type']) => (capabilities: ExchangeCapabilities) =>
  capabilities.orderTypes.includes(type) ? null : `the exchange has no ${type} orders`

const needsTimeInForce = (timeInForce: Order['timeInForce']) => (capabilities: ExchangeCapabilities) =>
  capabilities.timesInForce.includes(timeInForce) ? null : `the exchange has no ${timeInForce} orders`

const balanceOf = async ({ exchange }: ContractMarket, asset: string) =>
  (await exchange.snapshot()).balances.find((it) => it.asset === asset) ?? { asset, free: '0', locked: '0', total: '0' }

const sizes = ({ positions }: AccountSnapshot) =>
  positions.map(({ symbol, side, quantity }) => ({ symbol, side, quantity }))

/** Buys twice, so that there is something to sell even where the fee is taken from it. */
async function bought(market: ContractMarket): Promise<void> {
  await market.filled(await market.send())
  await market.filled(await market.send())
}

async function refused(market: ContractMarket, fields: Partial<Order>): Promise<void> {
  const id = await market.send(fields)
  const report = await market.report(id, 'rejected', 'accepted')
  expect(report, `${JSON.stringify(fields)} must be refused`).toMatchObject({
    type: 'rejected',
    reason: { code: expect.stringMatching(/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$/) },
  })
  expect((await market.exchange.snapshot()).openOrders.map((it) => it.clientOrderId)).not.toContain(id)
}

/** The order side: what becomes of orders, and the money. */
export const orderScenarios: readonly ExchangeScenario[] = [
  {
    id: 'X20',
    title: 'a market order is accepted, then filled whole, at the price of the market',
    async run(market) {
      const id = await market.send()
      const fills = await market.filled(id)
      const reports = market.reportsOf(id)
      expect(reports[0]).toMatchObject({ type: 'accepted' })
      for (const fill of fills) {
        expect(fill).toMatchObject({ symbol: market.instrument.symbol, liquidity: 'taker' })
        expect(Number(fill.price) / market.quote().ask).toBeCloseTo(1, 1)
        expect(decimal(fill.price).isMultipleOf(decimal(market.instrument.tickSize))).toBe(true)
        expect(fill.occurredAt).toBeLessThanOrEqual(market.now())
      }
      expect(new Set(fills.map((it) => it.tradeId)).size).toBe(fills.length)
      expect(await market.exchange.order(id, market.instrument.symbol)).toMatchObject({
        state: 'filled',
        filledQuantity: market.quantity,
      })
    },
  },
  {
    id: 'X21',
    title: 'a round trip changes the balance by its prices and fees, to the last digit',
    async run(market) {
      const { quote, settle, base } = market.instrument
      await bought(market)
      const positions = sizes(await market.exchange.snapshot())
      const before = await balanceOf(market, settle)
      const heldBefore = await balanceOf(market, base)
      const buys = await market.filled(await market.send())
      const sells = await market.filled(await market.send({ side: 'sell' }))
      const sum = (fills: typeof buys) =>
        fills.reduce((total, it) => total.plus(decimal(it.price).times(decimal(it.quantity))), Decimal.zero)
      const feesIn = (asset: string) =>
        [...buys, ...sells]
          .filter((it) => it.feeAsset === asset)
          .reduce((total, it) => total.plus(decimal(it.fee)), Decimal.zero)
      const wanted = decimal(before.total).plus(sum(sells)).minus(sum(buys)).minus(feesIn(quote))
      const after = await balanceOf(market, settle)
      expect(after.total).toBe(wanted.toString())
      const heldAfter = await balanceOf(market, base)
      expect(heldAfter.total).toBe(decimal(heldBefore.total).minus(feesIn(base)).toString())
      expect(sizes(await market.exchange.snapshot())).toEqual(positions)
    },
  },
  {
    id: 'X22',
    title: 'a limit away from the market rests, ties funds up, and gives them back when it is canceled',
    missing: needsType('limit'),
    async run(market) {
      const { settle, symbol } = market.instrument
      const before = await balanceOf(market, settle)
      const id = await market.send({ type: 'limit', limitPrice: market.priceAt(-2_000) })
      await market.report(id, 'accepted')
      expect((await market.exchange.snapshot()).openOrders).toMatchObject([{ clientOrderId: id, filledQuantity: '0' }])
      const during = await balanceOf(market, settle)
      expect(decimal(during.locked).greaterThan(decimal(before.locked))).toBe(true)
      expect(decimal(during.free).plus(decimal(during.locked)).toString()).toBe(during.total)
      await market.exchange.cancel(id, symbol)
      await market.report(id, 'canceled')
      expect(await balanceOf(market, settle)).toEqual(before)
      expect((await market.exchange.snapshot()).openOrders).toEqual([])
      expect(await market.exchange.order(id, symbol)).toMatchObject({ state: 'canceled' })
    },
  },
  {
    id: 'X23',
    title: 'a cancel of nothing, and one that comes too late, is refused with a reason',
    async run(market) {
      const { symbol } = market.instrument
      await market.exchange.cancel('never-sent', symbol)
      expect(await market.report('never-sent', 'cancelRejected')).toMatchObject({
        reason: { code: expect.any(String) },
      })
      const id = await market.send()
      await market.filled(id)
      await market.exchange.cancel(id, symbol)
      await market.report(id, 'cancelRejected')
      expect(await market.exchange.order(id, symbol)).toMatchObject({ state: 'filled' })
    },
  },
  {
    id: 'X24',
    title: 'an order against the rules of its instrument is refused',
    async run(market) {
      const { stepSize, tickSize, minQuantity } = market.instrument
      await refused(market, {
        quantity: decimal(market.quantity)
          .plus(decimal(stepSize).times(decimal('0.5')))
          .toString(),
      })
      const price = decimal(market.priceAt(-100)).plus(decimal(tickSize).times(decimal('0.5')))
      await refused(market, { type: 'limit', limitPrice: price.toString() })
      if (decimal(minQuantity).isPositive && minQuantity !== stepSize) await refused(market, { quantity: stepSize })
      await refused(market, { symbol: 'NOBODY/KNOWS' })
    },
  },
  {
    id: 'X25',
    title: 'an order that cannot be paid is refused and ties nothing up',
    async run(market) {
      const before = await market.exchange.snapshot()
      const quantity = decimal(market.quantity).times(decimal('1000000000')).toString()
      await refused(market, { type: 'limit', limitPrice: market.priceAt(-50), quantity })
      expect((await market.exchange.snapshot()).balances).toEqual(before.balances)
    },
  },
  {
    id: 'X26',
    title: 'the id of an open order cannot be used again',
    missing: needsType('limit'),
    async run(market) {
      const fields = { clientOrderId: 'same', type: 'limit', limitPrice: market.priceAt(-2_000) } as const
      await market.send(fields)
      await market.report('same', 'accepted')
      await market.send(fields)
      await market.report('same', 'rejected')
      expect((await market.exchange.snapshot()).openOrders).toHaveLength(1)
    },
  },
  {
    id: 'X27',
    title: 'an unknown order has no record',
    async run({ exchange, instrument }) {
      expect(await exchange.order('never-sent', instrument.symbol)).toBeNull()
      expect(await exchange.fills(instrument.symbol, 0)).toEqual([])
    },
  },
  {
    id: 'X28',
    title: 'fills can be asked for again, and are the same',
    async run(market) {
      const fills = await market.filled(await market.send())
      const asked = await market.exchange.fills(market.instrument.symbol, fills[0]?.occurredAt ?? 0)
      const named = (list: typeof asked) =>
        list.map(({ tradeId, price, quantity, fee }) => ({ tradeId, price, quantity, fee }))
      expect(named(asked)).toEqual(named(fills))
      expect(await market.exchange.fills(market.instrument.symbol, market.now() + 1)).toEqual([])
    },
  },
  {
    id: 'X29',
    title: 'a post-only order that would take is refused',
    missing: ({ postOnly }) => (postOnly ? null : 'the exchange has no post-only orders'),
    async run(market) {
      await refused(market, { type: 'limit', limitPrice: market.priceAt(200), postOnly: true })
    },
  },
  {
    id: 'X30',
    title: 'immediate-or-cancel leaves nothing behind',
    missing: needsTimeInForce('ioc'),
    async run(market) {
      const id = await market.send({ type: 'limit', limitPrice: market.priceAt(-2_000), timeInForce: 'ioc' })
      await market.report(id, 'expired', 'canceled')
      expect((await market.exchange.snapshot()).openOrders).toEqual([])
      expect(await market.exchange.fills(market.instrument.symbol, 0)).toEqual([])
    },
  },
  {
    id: 'X31',
    title: 'fill-or-kill fills whole or not at all',
    missing: needsTimeInForce('fok'),
    async run(market) {
      const away = await market.send({ type: 'limit', limitPrice: market.priceAt(-2_000), timeInForce: 'fok' })
      await market.report(away, 'expired', 'canceled', 'rejected')
      expect(await market.exchange.fills(market.instrument.symbol, 0)).toEqual([])
      await market.filled(await market.send({ type: 'limit', limitPrice: market.priceAt(300), timeInForce: 'fok' }))
    },
  },
  {
    id: 'X32',
    title: 'a stop sleeps at its trigger, and one that would wake at once is refused',
    missing: needsType('stopMarket'),
    async run(market) {
      await bought(market)
      const stop = { side: 'sell', type: 'stopMarket' } as const
      const id = await market.send({ ...stop, triggerPrice: market.priceAt(-3_000) })
      await market.report(id, 'accepted')
      expect((await market.exchange.snapshot()).openOrders).toMatchObject([{ clientOrderId: id, type: 'stopMarket' }])
      await market.exchange.cancel(id, market.instrument.symbol)
      await market.report(id, 'canceled')
      await refused(market, { ...stop, triggerPrice: market.priceAt(500) })
    },
  },
  {
    id: 'X33',
    title: 'a reduce-only order shrinks what is held and never turns it over',
    missing: ({ reduceOnly }) => (reduceOnly ? null : 'the exchange has no reduce-only orders'),
    async run(market) {
      await refused(market, { side: 'buy', reduceOnly: true })
      await bought(market)
      const quantity = decimal(market.quantity).times(decimal('4')).toString()
      const id = await market.send({ side: 'sell', reduceOnly: true, quantity })
      await market.report(id, 'canceled', 'expired')
      expect(market.reportsOf(id).filter((it) => it.type === 'fill')).not.toEqual([])
      expect((await market.exchange.snapshot()).positions).toEqual([])
    },
  },
  {
    id: 'X34',
    title: 'orders of one group cancel each other',
    missing: ({ oco }) => (oco ? null : 'the exchange has no groups'),
    async run(market) {
      await bought(market)
      const leg = { side: 'sell', ocoGroup: 'pair' } as const
      const stop = await market.send({ ...leg, type: 'stopMarket', triggerPrice: market.priceAt(-3_000) })
      await market.report(stop, 'accepted')
      const target = await market.send({ ...leg, type: 'limit', limitPrice: market.priceAt(-300) })
      await market.filled(target)
      expect(await market.report(stop, 'canceled')).toMatchObject({ reason: { code: expect.any(String) } })
      expect((await market.exchange.snapshot()).openOrders).toEqual([])
    },
  },
  {
    id: 'X35',
    title: 'every type it claims is accepted when it is well formed',
    async run(market) {
      await bought(market)
      const above = market.priceAt(3_000)
      const below = market.priceAt(-3_000)
      const forms: Readonly<Record<Order['type'], Partial<Order>>> = {
        market: {},
        limit: { limitPrice: above },
        stopMarket: { triggerPrice: below },
        stopLimit: { triggerPrice: below, limitPrice: below },
        takeProfitMarket: { triggerPrice: above },
        takeProfitLimit: { triggerPrice: above, limitPrice: above },
        trailingStopMarket: { trailingBps: '3000' },
      }
      for (const type of market.exchange.capabilities.orderTypes) {
        if (type === 'market') continue
        const id = await market.send({ ...forms[type], type, side: 'sell' })
        expect(await market.report(id, 'accepted', 'rejected'), type).toMatchObject({ type: 'accepted' })
        await market.exchange.cancel(id, market.instrument.symbol)
        await market.report(id, 'canceled')
      }
    },
  },
]
