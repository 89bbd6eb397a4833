import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom, createSystemClock, silentLog } from '@barfinex/core'
import { afterEach, expect, test, vi } from 'vitest'
import { ccxt } from '../../src/exchanges/ccxt/ccxt.js'
import type { Exchange } from '../../src/exchanges/exchange.js'
import { contractMarket } from '../../src/testing/contract-market.js'
import { listen } from '../../src/testing/exchange-under-test.js'
import { givenOrder } from '../../src/testing/given-order.js'
import { createVenue, type Venue } from '../../src/venue/index.js'
import { onVenue } from './on-venue.js'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function venueOnMachineTime(): Promise<{ venue: Venue; keyFile: string }> {
  const venue = await createVenue({ seed: 7, symbols: ['BTC/USDT'], perpetuals: [], historyDays: 1 })
  const folder = mkdtempSync(join(tmpdir(), 'ccxt-'))
  const keyFile = join(folder, 'key.json')
  writeFileSync(keyFile, JSON.stringify({ key: venue.keys.apiKey, secret: venue.keys.secret }))
  chmodSync(keyFile, 0o600)
  open.push(async () => {
    await venue.close()
    rmSync(folder, { recursive: true })
  })
  return { venue, keyFile }
}

async function connected(venueUrl: string, keyFile: string): Promise<Exchange> {
  const exchange = await ccxt({ venueUrl, keyFile, symbols: ['BTC/USDT'] }).create()
  open.push(() => exchange.close())
  const clock = createSystemClock()
  await exchange.connect({ clock, random: createRandom(1), log: silentLog, symbols: ['BTC/USDT'] })
  return exchange
}

test("on the machine's clock, with a key from a file: another start reads what the first one did", async () => {
  const { venue, keyFile } = await venueOnMachineTime()
  const first = await connected(venue.url, keyFile)
  const { reports } = listen(first)
  const ids = ['first-1', 'first-2', 'first-3']
  for (const clientOrderId of ids) void first.submit(givenOrder({ clientOrderId, quantity: '0.001' }))
  const fills = () => reports.filter((it) => it.type === 'fill')
  await vi.waitUntil(() => ids.every((id) => fills().some((it) => it.clientOrderId === id)), {
    timeout: 10_000,
    interval: 5,
  })
  await first.close()

  const second = await connected(venue.url, keyFile)
  // The exchange's trades name orders by its own ids alone: the names are read from its records.
  const read = await second.fills('BTC/USDT', 0)
  expect(new Set(read.map((it) => it.clientOrderId))).toEqual(new Set(ids))
  expect(read.map((it) => it.tradeId).sort()).toEqual(
    fills()
      .map((it) => (it.type === 'fill' ? it.tradeId : ''))
      .sort(),
  )
  // From long ago, page by page, and from a moment ago, by time, it is the same.
  const recently = await second.fills('BTC/USDT', (read[0]?.occurredAt ?? 0) - 1_000)
  expect(recently).toEqual(read)
})

test('what was cut to what is held ends the order, also by its record', async () => {
  const it = await onVenue()
  open.push(() => it.close())
  const market = await contractMarket(it)
  await market.filled(await market.send())
  const id = await market.send({ side: 'sell', reduceOnly: true })
  await market.report(id, 'canceled')
  const [order] = it.venue.world.truth().accounts[0]?.orders.filter((one) => one.clientOrderId === id) ?? []
  expect(order?.status).toBe('FILLED')
  // The fee was taken from what was bought: less was there than was to be sold.
  expect(Number(order?.quantity)).toBeLessThan(Number(market.quantity))
  expect(await market.exchange.order(id, market.instrument.symbol)).toMatchObject({ state: 'canceled' })
})
