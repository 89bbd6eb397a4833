import type { Candle } from '@barfinex/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryHistory } from './memory-history.js'

const candle = (index: number, revision = 0): Candle => ({
  symbol: 'BTC/USDT',
  timeframe: '1m',
  openTime: index * 60_000,
  closeTime: (index + 1) * 60_000,
  open: index + 1,
  high: index + 3,
  low: index + 0.5,
  close: index + 2,
  volume: index / 8,
  tradeCount: index,
  isFinal: true,
  provenance: (['live', 'repaired', 'synthetic', 'tape'] as const)[index % 4] ?? 'live',
  revision,
})

describe('memory history', () => {
  test('gives back what was put in, the newest until an instant, up to its capacity', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 300 }),
        (capacity, count, until, limit) => {
          const history = memoryHistory(capacity)
          const all = Array.from({ length: count }, (_, index) => candle(index))
          for (const it of all) history.append(it)
          const wanted = all.slice(-capacity).filter((it) => it.closeTime <= until * 60_000)
          expect(history.read('BTC/USDT', '1m', until * 60_000, limit)).toEqual(wanted.slice(-limit))
          expect(history.read('BTC/USDT', '5m', until * 60_000, limit)).toEqual([])
        },
      ),
    )
  })

  test('a higher revision replaces a candle, a lower one does not', () => {
    const history = memoryHistory()
    for (let index = 0; index < 5; index += 1) history.append(candle(index))
    history.append({ ...candle(3, 2), close: 50 })
    history.append({ ...candle(3, 1), close: 60 })
    expect(history.read('BTC/USDT', '1m', Number.MAX_SAFE_INTEGER, 2).map((it) => it.close)).toEqual([50, 6])
  })
})
