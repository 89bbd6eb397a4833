import type { VenueMarket, VenueMarketEvent, VenueWorld } from '../venue-world.js'
import { tellMarkPrices } from './mark-prices.js'
import { depthFrame, frameOf, miniTickerFrame, partialDepthFrame } from './market-frame.js'
import { createSlowDepth } from './slow-depth.js'

/** Takes one frame of a stream: its name, its payload as JSON text, built once for all who listen, and where faults may strike. */
export type StreamListener = (stream: string, json: string, at: string) => void

/** The market streams of one market, by name: `btcusdt@trade`. */
export interface StreamHub {
  add(stream: string, listener: StreamListener): void
  remove(stream: string, listener: StreamListener): void
  close(): void
}

const partialDepths = [5, 10, 20] as const
const depthSpeeds: Readonly<Record<VenueMarket, readonly string[]>> = {
  spot: ['@100ms'],
  usdm: ['@100ms', '@250ms', '@500ms'],
}

/** `accountOf` gives the account behind a listen key, which is then a stream of its events. */
export function createStreamHub(
  world: VenueWorld,
  market: VenueMarket,
  accountOf: (listenKey: string) => string | undefined = () => undefined,
): StreamHub {
  const listeners = new Map<string, Set<StreamListener>>()
  const personal = new Map<string, () => void>()
  const slow = createSlowDepth(
    (ms, task) => world.after(ms, task),
    (event) => pushDepth(event, ''),
  )

  /** `make` runs only when somebody listens. */
  function push(stream: string, make: () => object, at: string = stream): void {
    const taken = listeners.get(stream)
    if (taken === undefined) return
    const json = JSON.stringify(make())
    for (const listener of [...taken]) listener(stream, json, at)
  }

  function pushDepth(event: Extract<VenueMarketEvent, { readonly type: 'depth' }>, speed: string): void {
    const name = event.symbol.toLowerCase()
    push(`${name}@depth${speed}`, () => depthFrame(event))
    for (const levels of partialDepths) {
      push(`${name}@depth${levels}${speed}`, () =>
        partialDepthFrame(event, world.book(event.market, event.symbol), levels),
      )
    }
  }

  const off = world.onMarket((event) => {
    if (event.market !== market || listeners.size === 0) return
    const name = event.symbol.toLowerCase()
    switch (event.type) {
      case 'trade':
      case 'aggTrade':
        return push(`${name}@${event.type}`, () => frameOf(event))
      case 'bookTicker':
        push('!bookTicker', () => frameOf(event))
        return push(`${name}@bookTicker`, () => frameOf(event))
      case 'kline':
        return push(`${name}@kline_${event.interval}`, () => frameOf(event))
      case 'depth':
        for (const speed of depthSpeeds[market]) pushDepth(event, speed)
        return slow.add(event)
      case 'ticker':
        push(`${name}@ticker`, () => event.fields)
        push(`${name}@miniTicker`, () => miniTickerFrame(event.fields))
        push('!ticker@arr', () => [event.fields])
        return push('!miniTicker@arr', () => [miniTickerFrame(event.fields)])
    }
  })

  const endMarks = market === 'usdm' ? tellMarkPrices(world, push) : () => {}

  return {
    add(stream, listener) {
      const taken = listeners.get(stream) ?? new Set()
      listeners.set(stream, taken.add(listener))
      const accountId = accountOf(stream)
      if (accountId === undefined || personal.has(stream)) return
      const stop = world.onUser(accountId, (event) => {
        const isGood = event.market === market && accountOf(stream) === accountId
        if (isGood) push(stream, () => event.fields, `user ${event.type}`)
      })
      personal.set(stream, stop)
    },
    remove(stream, listener) {
      const taken = listeners.get(stream)
      taken?.delete(listener)
      if (taken?.size !== 0) return
      listeners.delete(stream)
      personal.get(stream)?.()
      personal.delete(stream)
    },
    close() {
      off()
      endMarks()
      for (const stop of personal.values()) stop()
      listeners.clear()
    },
  }
}
