import { testRuns } from '@barfinex/core/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { VenueError, type VenueParams, type VenueWorld } from '../../src/venue/venue-world.js'
import { givenWorld } from './given-world.js'

const symbol = 'BTCUSDT'
const who = fc.constantFrom('bot', 'other')
const side = fc.constantFrom('BUY', 'SELL')
/** Around the market of 40,879.37, in hundreds. */
const near = fc.integer({ min: 395, max: 423 }).map((hundreds) => `${hundreds}00.00`)
const size = fc.integer({ min: 1, max: 40 }).map((hundredths) => (hundredths / 100).toFixed(2))

const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('limit' as const), who, side, price: near, quantity: size }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('market' as const), who, side, quantity: size }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stop' as const), who, side, price: near, quantity: size }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('oco' as const), who, quantity: size, price: near }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('otoco' as const), who, quantity: size, price: near }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), who, index: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancelAll' as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('move' as const), price: near }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('print' as const), price: near, quantity: size, side }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }) },
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

function perform(world: VenueWorld, it: Act, wait: (ms: number) => void): void {
  const shift = (price: string, by: number) => (Number(price) + by).toFixed(2)
  switch (it.do) {
    case 'limit': {
      const { side, price, quantity } = it
      world.spot.place(it.who, { symbol, side, type: 'LIMIT', timeInForce: 'GTC', price, quantity })
      break
    }
    case 'market':
      world.spot.place(it.who, { symbol, side: it.side, type: 'MARKET', quantity: it.quantity })
      break
    case 'stop':
      world.spot.place(it.who, { symbol, side: it.side, type: 'STOP_LOSS', stopPrice: it.price, quantity: it.quantity })
      break
    case 'oco':
      world.spot.placeOco(it.who, {
        ...{ symbol, side: 'SELL', quantity: it.quantity },
        ...{ aboveType: 'LIMIT_MAKER', abovePrice: shift(it.price, 600) },
        ...{ belowType: 'STOP_LOSS', belowStopPrice: shift(it.price, -600) },
      })
      break
    case 'otoco':
      world.spot.placeOtoco(it.who, otoco(it.price, it.quantity, shift))
      break
    case 'cancel': {
      const open = world.spot.openOrders(it.who, { symbol })
      const order = open[it.index % Math.max(1, open.length)]
      if (order !== undefined) world.spot.cancel(it.who, { symbol, orderId: String(order['orderId']) })
      break
    }
    case 'cancelAll':
      world.spot.cancelAll(it.who, { symbol })
      break
    case 'move':
      world.movePrice('spot', symbol, it.price)
      break
    case 'print':
      world.printTrade('spot', symbol, it.price, it.quantity, it.side === 'BUY' ? 'BUY' : 'SELL')
      break
    case 'wait':
      wait(it.ms)
  }
}

function otoco(price: string, quantity: string, shift: (price: string, by: number) => string): VenueParams {
  return {
    ...{ symbol, workingType: 'LIMIT', workingSide: 'BUY', workingTimeInForce: 'GTC' },
    ...{ workingPrice: price, workingQuantity: quantity, pendingSide: 'SELL', pendingQuantity: quantity },
    ...{ pendingAboveType: 'LIMIT_MAKER', pendingAbovePrice: shift(price, 900) },
    ...{ pendingBelowType: 'STOP_LOSS', pendingBelowStopPrice: shift(price, -900) },
  }
}

it('conserves money, and tells by events exactly what truth and reads say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), async (acts) => {
      const { world, clock, told } = givenWorld({ symbols: ['BTC/USDT'], perpetuals: [] })
      for (const it of acts) {
        let ms = 0
        try {
          perform(world, it, (wanted) => {
            ms = wanted
          })
        } catch (error) {
          if (!(error instanceof VenueError)) throw error
        }
        if (ms > 0) await clock.advanceBy(ms)
        checkMoney(world)
      }
      checkStory(world, told)
    }),
    { numRuns: testRuns(40) },
  )
})

function checkMoney(world: VenueWorld): void {
  const truth = world.truth()
  expect(truth.audit.filter((it) => it.difference !== '0')).toEqual([])
  for (const account of truth.accounts) {
    for (const { asset, free, locked, total } of account.balances) {
      expect([asset, free.startsWith('-'), locked.startsWith('-')]).toEqual([asset, false, false])
      expect(units(free) + units(locked)).toBe(units(total))
    }
    const isOpen = account.orders.some((it) => it.isOpen && it.status !== 'PENDING_NEW')
    if (!isOpen) expect(account.balances.every((it) => units(it.locked) === 0n)).toBe(true)
    for (const order of account.orders) {
      const fills = account.trades.filter((it) => it.orderId === order.orderId)
      expect(fills.reduce((sum, it) => sum + units(it.quantity), 0n)).toBe(units(order.executedQuantity))
      expect(units(order.executedQuantity) <= units(order.quantity)).toBe(true)
    }
  }
}

/** Folding the events alone gives the same orders and balances as asking. */
function checkStory(world: VenueWorld, told: readonly { readonly fields: Readonly<Record<string, unknown>> }[]): void {
  const account = world.truth().accounts[0]
  const states = new Map<unknown, unknown>()
  const filled = new Map<unknown, bigint>()
  const balances = new Map<unknown, string>()
  for (const { fields } of told) {
    if (fields['e'] === 'executionReport') {
      states.set(fields['i'], fields['X'])
      filled.set(fields['i'], (filled.get(fields['i']) ?? 0n) + units(String(fields['l'])))
      expect(filled.get(fields['i'])).toBe(units(String(fields['z'])))
    } else if (fields['e'] === 'outboundAccountPosition') {
      for (const row of fields['B'] as { a: string; f: string; l: string }[]) balances.set(row.a, `${row.f}/${row.l}`)
    }
  }
  for (const order of account?.orders ?? []) {
    expect([order.orderId, states.get(order.orderId)]).toEqual([order.orderId, order.status])
    expect(filled.get(order.orderId)).toBe(units(order.executedQuantity))
  }
  for (const it of account?.balances ?? []) {
    if (it.market !== 'spot' || !balances.has(it.asset)) continue
    expect([it.asset, balances.get(it.asset)]).toEqual([it.asset, `${it.free}/${it.locked}`])
  }
  const open = world.spot.openOrders('bot', {}).map((it) => it['orderId'])
  expect(open).toEqual(account?.orders.filter((it) => it.isOpen).map((it) => it.orderId))
}

function units(text: string): bigint {
  return BigInt(text.replace('.', ''))
}
