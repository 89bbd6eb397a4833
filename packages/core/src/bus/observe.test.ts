import { describe, expect, it } from 'vitest'
import { flow } from '../flow/map.js'
import { aFeed, aQuote, newYear } from '../testing/given-market.js'
import { createMemoryBus } from './memory-bus.js'
import { observe, observeEnvelopes } from './observe.js'

const at = { occurredAt: newYear }

describe('observe', () => {
  it('gives payloads, or envelopes, of the keys asked for, from subscription to unsubscription', () => {
    const bus = createMemoryBus()
    const quotes = bus.publisher(flow.quote, 'provider')
    const bids: number[] = []
    const names: string[] = []
    const quotes$ = observe(bus, flow.quote, { keys: ['BTC/USDT'] })
    quotes.publish(aQuote({ bid: 1 }), at)
    const subscription = quotes$.subscribe(({ bid }) => void bids.push(bid))
    const other = observeEnvelopes(bus, flow.quote).subscribe(({ key }) => void names.push(key))
    quotes.publish(aQuote({ bid: 2 }), at)
    quotes.publish(aQuote({ symbol: 'ETH/USDT', bid: 3 }), at)
    subscription.unsubscribe()
    other.unsubscribe()
    quotes.publish(aQuote({ bid: 4 }), at)
    expect(bids).toEqual([2])
    expect(names).toEqual(['BTC/USDT', 'ETH/USDT'])
    const again: number[] = []
    quotes$.subscribe(({ bid }) => void again.push(bid))
    quotes.publish(aQuote({ bid: 5 }), at)
    expect(again).toEqual([5])
  })

  it('begins with the last value of state, each time anew', () => {
    const bus = createMemoryBus()
    bus.publisher(flow.feed, 'provider').publish(aFeed({ gapCount: 3 }), at)
    const feed$ = observe(bus, flow.feed)
    for (let round = 0; round < 2; round += 1) {
      const seen: number[] = []
      feed$.subscribe(({ gapCount }) => void seen.push(gapCount)).unsubscribe()
      expect(seen).toEqual([3])
    }
  })
})
