import { describe, expect, it } from 'vitest'
import { envelopeSchema } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { flow } from '../flow/map.js'
import { anEnvelope, givens } from './given.js'
import { candlesInRow, newYear } from './given-market.js'

describe('given messages', () => {
  it.each(Object.keys(flow) as (keyof typeof flow)[])('%s fits its schema', (name) => {
    const channel = flow[name] as unknown as Channel<unknown>
    const payload = givens[name]()
    expect(channel.schema.parse(payload)).toEqual(payload)
    const envelope = anEnvelope(channel, payload)
    expect(envelopeSchema.parse(envelope)).toEqual(envelope)
  })

  it('candles in a row touch each other, on any timeframe', () => {
    for (const timeframe of ['1m', '4h', '1w', '1M'] as const) {
      const candles = candlesInRow(5, { timeframe })
      expect(candles[0]?.openTime).toBe(newYear)
      for (const [index, { openTime }] of candles.entries()) {
        if (index > 0) expect(openTime).toBe(candles[index - 1]?.closeTime)
      }
    }
  })
})
