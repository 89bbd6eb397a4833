import type { VenueMarket, VenueMarketEvent, VenueWorld } from '../venue-world.js'
import { depthFrame, frameOf, miniTickerFrame, partialDepthFrame } from './market-frame.js'
import { createSlowDepth } from './slow-depth.js'

/** Takes one frame of a stream: its name and its payload as JSON text, built once for all who listen. */
export type StreamListener = (stream: string, json: string) => void

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

export function createStreamHub(world: VenueWorld, market: VenueMarket): StreamHub {
  const listeners = new Map<string, Set<StreamListener>>()
  const slow = createSlowDepth(
    (ms, task) => world.after(ms, task),
    (event) => pushDepth(event, ''),
  )

  /** `make` runs only when somebody listens. */
  function push(stream: string, make: () => object): void {
    const taken = listeners.get(stream)
    if (taken === undefined) return
    const json = JSON.stringify(make())
    for (const listener of [...taken]) listener(stream, json)
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

  return {
    add(stream, listener) {
      const taken = listeners.get(stream) ?? new Set()
      listeners.set(stream, taken.add(listener))
    },
    remove(stream, listener) {
      const taken = listeners.get(stream)
      taken?.delete(listener)
      if (taken?.size === 0) listeners.delete(stream)
    },
    close() {
      off()
      listeners.clear()
    },
  }
}
