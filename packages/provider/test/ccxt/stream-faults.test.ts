import { afterEach, describe, expect, test } from 'vitest'
import { BookFollower } from '../../src/market/book-follower.js'
import { type ContractMarket, contractMarket } from '../../src/testing/contract-market.js'
import { type OnVenue, type OnVenueOptions, onVenue } from './on-venue.js'

const open: OnVenue[] = []
afterEach(async () => {
  for (const it of open.splice(0)) await it.close()
})

type Given = ContractMarket & OnVenue

async function given(options: OnVenueOptions = {}): Promise<Given> {
  const it = await onVenue(options)
  open.push(it)
  return { ...it, ...(await contractMarket(it)) }
}

const codesOf = ({ gaps }: OnVenue) => gaps.map((it) => it.code)
const fillIdsOf = ({ reports }: OnVenue) => reports.flatMap((it) => (it.type === 'fill' ? [it.tradeId] : []))

describe('the stream of reports', () => {
  test('C7: a market order is accepted and filled in reports of their own', async () => {
    const market = await given()
    // The reply is hidden, so that all of it is the stream's.
    market.venue.world.faults.inject({ id: 'late', at: 'POST /api/v3/order', fault: { do: 'delayReply', ms: 900_000 } })
    const id = await market.send()
    await market.filled(id)
    const types = market.reportsOf(id).map((it) => it.type)
    expect(types[0]).toBe('accepted')
    expect(types).toContain('fill')
  })

  test('F9: cut, with a fill meanwhile: the gap is said, and the records have the fill once', async () => {
    const market = await given()
    const id = await market.send({ type: 'limit', limitPrice: market.priceAt(-20) })
    await market.report(id, 'accepted')
    market.venue.control.sockets.cut('api')
    market.venue.world.movePrice('spot', 'BTCUSDT', market.priceAt(-100))
    await market.until(() => codesOf(market).includes('exchange.reports.resumed'), 'the stream to be back')
    expect(codesOf(market)[0]).toBe('exchange.reports.interrupted')
    const fills = await market.exchange.fills(market.instrument.symbol, 0)
    expect(fills.filter((it) => it.clientOrderId === id)).not.toEqual([])
    // It goes on.
    const next = await market.send()
    await market.filled(next)
  })

  test('while it is down Provider is told to look, again and again', async () => {
    const market = await given({ ccxt: { pollMs: 1_000 } })
    market.venue.world.faults.inject({ id: 'shut', at: 'userDataStream.*', fault: { do: 'reset' } })
    market.venue.control.sockets.cut('api')
    await market.until(() => codesOf(market).filter((it) => it === 'exchange.reports.down').length >= 3, 'three looks')
    market.venue.world.faults.clear()
    await market.until(() => codesOf(market).includes('exchange.reports.resumed'), 'the stream to be back')
  })

  test.each(['terminate', 'shutdown'] as const)(
    'C9, F12: its announced end (%s) is followed by a new one',
    async (how) => {
      const market = await given()
      const { sockets } = market.venue.control
      if (how === 'terminate') sockets.terminateUserData()
      else sockets.shutDown(600_000)
      await market.until(() => codesOf(market).includes('exchange.reports.resumed'), 'the new stream')
      expect(codesOf(market)).not.toContain('exchange.reports.interrupted')
      await market.wait(3_000)
      const id = await market.send({ type: 'limit', limitPrice: market.priceAt(-20) })
      await market.report(id, 'accepted')
      market.venue.world.movePrice('spot', 'BTCUSDT', market.priceAt(-100))
      await market.filled(id)
    },
  )

  test('F13: half-open: noticed within three pings', async () => {
    const market = await given()
    market.venue.control.sockets.halfOpen('api')
    const from = market.now()
    await market.until(() => codesOf(market).includes('exchange.reports.interrupted'), 'the cut')
    expect(market.now() - from).toBeLessThanOrEqual(30_000)
    await market.until(() => codesOf(market).includes('exchange.reports.resumed'), 'the stream to be back')
  })

  test('a stream that is open and silent is found out by orders it does not show', async () => {
    const market = await given()
    market.venue.control.sockets.freeze('api')
    for (let count = 0; count < 2; count += 1) {
      const id = await market.send()
      await market.filled(id)
      await market.wait(5_500)
    }
    expect(codesOf(market)).toContain('exchange.reports.silent')
    await market.until(() => codesOf(market).includes('exchange.reports.resumed'), 'a new stream')
    const id = await market.send({ type: 'limit', limitPrice: market.priceAt(-20) })
    await market.report(id, 'accepted')
    market.venue.world.movePrice('spot', 'BTCUSDT', market.priceAt(-100))
    await market.filled(id)
  })

  test('C8, F10: doubled, late and disordered: every fill is told once', async () => {
    const market = await given()
    const { faults } = market.venue.world
    faults.inject({ id: 'twice', at: 'user executionReport', share: 0.5, fault: { do: 'duplicate' } })
    faults.inject({ id: 'late', at: 'user executionReport', share: 0.3, fault: { do: 'delay', ms: 2_000 } })
    faults.inject({ id: 'mixed', at: 'user executionReport', share: 0.3, fault: { do: 'reorder' } })
    for (let count = 0; count < 6; count += 1) await market.send(count % 2 === 0 ? {} : { side: 'sell' })
    await market.wait(5_000)
    const told = fillIdsOf(market)
    expect(new Set(told).size).toBe(told.length)
    const asked = await market.exchange.fills(market.instrument.symbol, 0)
    expect([...told].sort()).toEqual(asked.map((it) => it.tradeId).sort())
  })

  test('F11: when it says nothing at all the replies still bring what filled at once', async () => {
    const market = await given()
    market.venue.world.faults.inject({ id: 'deaf', at: 'user *', fault: { do: 'drop' } })
    await market.filled(await market.send())
  })
})

test('a venue that goes away is lost, and leaves nothing behind that nobody catches', async () => {
  const market = await given({ ccxt: { timeoutMs: 2_000, pollMs: 1_000 } })
  await market.venue.close()
  await market.until(() => codesOf(market).filter((it) => it === 'exchange.reports.down').length >= 3, 'three looks')
  expect(market.market.feeds.at(-1)?.state).toBe('lost')
  const id = await market.send()
  const [said] = [await market.report(id, 'rejected', 'uncertain')]
  // Whether the last connection was still taken for good or a new one was refused.
  expect(['exchange.request.not-sent', 'exchange.request.unclear']).toContain(
    said.type === 'fill' ? '' : said.reason?.code,
  )
  await expect(market.exchange.snapshot()).rejects.toMatchObject({ retryable: expect.any(Boolean) })
})

describe('the market', () => {
  test('C10, C11, F25: dropped, doubled and disordered trades: all of them, once, by their numbers', async () => {
    const market = await given()
    const { faults } = market.venue.world
    faults.inject({ id: 'lost', at: 'btcusdt@aggTrade', share: 0.2, fault: { do: 'drop' } })
    faults.inject({ id: 'twice', at: 'btcusdt@aggTrade', share: 0.2, fault: { do: 'duplicate' } })
    faults.inject({ id: 'mixed', at: 'btcusdt@aggTrade', share: 0.1, fault: { do: 'reorder' } })
    await market.until(() => market.market.trades.length >= 100, '100 trades')
    const ids = market.market.trades.map((it) => Number(it.tradeId))
    expect(ids).toEqual(ids.map((_, index) => (ids[0] as number) + index))
  })

  test('F21: cut again and again: no trade is missing in the end', async () => {
    const market = await given()
    await market.until(() => market.market.trades.length >= 5, '5 trades')
    for (let cut = 0; cut < 5; cut += 1) {
      market.venue.control.sockets.cut('market')
      await market.wait(1_500)
    }
    const count = market.market.trades.length
    await market.until(() => market.market.trades.length >= count + 20, '20 more trades')
    const ids = market.market.trades.map((it) => Number(it.tradeId))
    expect(ids).toEqual(ids.map((_, index) => (ids[0] as number) + index))
    const states = market.market.feeds.map((it) => it.state)
    expect(states).toContain('lost')
    expect(states.at(-1)).toBe('live')
  })

  test('open and silent: another line is made, and nothing is missing', async () => {
    const market = await given()
    await market.until(() => market.market.trades.length >= 5, '5 trades')
    market.venue.control.sockets.freeze('market')
    const count = market.market.trades.length
    const from = market.now()
    await market.until(() => market.market.trades.length >= count + 20, '20 more trades')
    expect(market.now() - from).toBeGreaterThanOrEqual(25_000)
    const ids = market.market.trades.map((it) => Number(it.tradeId))
    expect(ids).toEqual(ids.map((_, index) => (ids[0] as number) + index))
  })

  test('C14, F26: after lost changes the book is rebuilt, and is then the venue’s', async () => {
    const market = await given()
    market.venue.world.faults.inject({ id: 'lost', at: 'btcusdt@depth*', share: 0.2, fault: { do: 'drop' } })
    await market.until(() => market.market.books.filter((it) => it.kind === 'snapshot').length >= 4, '3 rebuilt books')
    market.venue.world.faults.clear()
    const reader = new BookFollower()
    let read = 0
    const isCurrent = () => {
      for (const change of market.market.books.slice(read)) reader.take(change, () => {})
      read = market.market.books.length
      return reader.isUsable && reader.sequence === market.venue.world.book('spot', 'BTCUSDT').lastUpdateId
    }
    await market.until(isCurrent, 'the book to be the newest')
    const { bids, asks } = market.venue.world.book('spot', 'BTCUSDT')
    const levels = reader.book.levels(10)
    const numbers = (side: readonly (readonly [string, string])[]) =>
      side.slice(0, 10).map(([price, quantity]) => [Number(price), Number(quantity)])
    expect(levels.bids).toEqual(numbers(bids))
    expect(levels.asks).toEqual(numbers(asks))
  })
})
