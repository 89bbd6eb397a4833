import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Envelope } from '../bus/envelope.js'
import type { Candle } from '../flow/1-market.js'
import type { Channel } from '../flow/channel.js'
import { flow } from '../flow/map.js'
import { BarfinexError } from '../runtime/error.js'
import { givens } from '../testing/given.js'
import { aCandle, newYear } from '../testing/given-market.js'
import { anEvaluation, aSignal } from '../testing/given-signal.js'
import { testRuns } from '../testing/test-runs.js'
import { decodeFrame, encodeFrame as encoded, instanceOf } from './frame.js'
import { envelopeOf, type Message } from './message.js'

const instance = '0123456789abcdef'
const candles = flow.candle as unknown as Channel<never>

function said(channel: Channel<never>, payload: unknown, more: Partial<Message> = {}): Envelope<never> {
  const key = channel.keyOf(payload as never)
  const base = {
    source: 'provider',
    epoch: 3,
    seq: 1,
    key,
    occurredAt: newYear,
    receivedAt: undefined,
    cause: undefined,
  }
  return envelopeOf(channel, { ...base, payload, ...more })
}

/** A frame as it arrives: bytes. */
function encodeFrame(...given: Parameters<typeof encoded>): Buffer {
  return Buffer.from(encoded(...given))
}

const price = fc.double({ min: Number.MIN_VALUE, max: 1e12, noNaN: true })
const aRandomCandle: fc.Arbitrary<Candle> = fc.record({
  symbol: fc.constantFrom('BTC/USDT', 'ETH/USDT', 'BTC/USDT:USDT'),
  timeframe: fc.constantFrom('1m', '5m', '1M'),
  openTime: fc.integer({ min: 0, max: 4e12 }),
  closeTime: fc.integer({ min: 0, max: 4e12 }),
  open: price,
  high: price,
  low: price,
  close: price,
  volume: fc.double({ min: 0, max: 1e12, noNaN: true }).map((it) => it + 0),
  tradeCount: fc.oneof(fc.nat(), fc.constant(2 ** 40)),
  isFinal: fc.boolean(),
  provenance: fc.constantFrom('live', 'repaired', 'synthetic', 'tape'),
  revision: fc.nat(),
})

const aSaidCandle = fc
  .record({
    candle: aRandomCandle,
    seq: fc.oneof(fc.nat(), fc.constant(2 ** 45)),
    epoch: fc.nat(5),
    receivedAt: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }),
    cause: fc.option(fc.constant({ id: 'a', correlationId: 'b' }), { nil: undefined, freq: 20 }),
  })
  .map(({ candle, ...more }) => said(candles, candle, more))

describe('a frame', () => {
  it('gives back what was said, with everything that belongs to it', () => {
    for (const [channel, payload] of [
      [flow.signal, aSignal()],
      [flow.evaluation, anEvaluation()],
      [flow.candle, aCandle()],
    ] as unknown as [Channel<never>, unknown][]) {
      const cause = { id: 'market.candle:x', correlationId: 'market.candle:w' }
      const envelopes = [said(channel, payload), said(channel, payload, { seq: 2, receivedAt: newYear + 5, cause })]
      const frame = encodeFrame(channel, instance, envelopes)
      expect(instanceOf(frame)).toBe(instance)
      expect(decodeFrame(channel, frame)).toEqual({ instance, envelopes })
    }
  })

  it('of candles is the same as columns and as JSON', () => {
    fc.assert(
      fc.property(fc.array(aSaidCandle, { minLength: 1, maxLength: 20 }), (envelopes) => {
        const frame = encodeFrame(candles, instance, envelopes)
        expect(String.fromCharCode(frame[0] as number)).toBe(envelopes.length < 4 ? 'J' : 'C')
        expect(decodeFrame(candles, frame)).toEqual({ instance, envelopes })
      }),
      { numRuns: testRuns(100) },
    )
  })

  it('takes a fraction of the space as columns', () => {
    const envelopes = Array.from({ length: 100 }, (_, seq) => said(candles, aCandle(), { seq }))
    const text = JSON.stringify(envelopes.map(({ payload }) => payload))
    expect(encodeFrame(candles, instance, envelopes).length).toBeLessThan(text.length / 5)
  })

  it('is JSON where a message does not fit its schema, and then refused by its reader', () => {
    const bad = { ...aSignal(), price: Number.NaN }
    const signals = flow.signal as unknown as Channel<never>
    const frame = encodeFrame(
      signals,
      instance,
      Array.from({ length: 8 }, (_, seq) => said(signals, bad, { seq })),
    )
    expect(String.fromCharCode(frame[0] as number)).toBe('J')
    expect(() => decodeFrame(signals, frame)).toThrow(expect.objectContaining({ code: 'message.invalid' }))
  })

  it('that was damaged is refused, or still holds proper candles', () => {
    const envelopes = Array.from({ length: 5 }, (_, seq) => said(candles, aCandle(), { seq, receivedAt: newYear }))
    const frame = encodeFrame(candles, instance, envelopes)
    const damage = fc.array(fc.tuple(fc.nat(frame.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(damage, fc.nat(frame.length), fc.boolean(), (changes, length, isCut) => {
        const copy = Buffer.from(isCut ? frame.subarray(0, length) : frame)
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value
        try {
          for (const { payload } of decodeFrame(candles, copy).envelopes) {
            expect(flow.candle.schema.safeParse(payload).success).toBe(true)
          }
        } catch (error) {
          if (!BarfinexError.is(error, 'message.invalid')) throw error
        }
      }),
      { numRuns: testRuns(500) },
    )
  })

  it('of another form, version or channel is refused', () => {
    const frame = encodeFrame(candles, instance, new Array(4).fill(said(candles, aCandle())))
    const signals = flow.signal as unknown as Channel<never>
    for (const bad of [Buffer.alloc(0), Buffer.from('C'), frame.subarray(0, 20), Buffer.from(`Z${instance}[]`)]) {
      expect(() => decodeFrame(candles, bad)).toThrow(expect.objectContaining({ code: 'message.invalid' }))
    }
    expect(() => decodeFrame(signals, frame)).toThrow(expect.objectContaining({ code: 'message.invalid' }))
  })
})

describe('what comes from a stranger', () => {
  const evaluations = flow.evaluation as unknown as Channel<never>
  const calibrations = flow.calibration as unknown as Channel<never>
  const reading = (channel: Channel<never>, frame: Buffer) => () => decodeFrame(channel, frame)

  it('is refused where no journal could hold it, whichever way it is written', () => {
    const long = said(calibrations, { ...givens.calibration(), state: { text: 'x'.repeat(17_000_000) } })
    expect(reading(calibrations, encodeFrame(calibrations, instance, [long]))).toThrow(
      expect.objectContaining({ code: 'message.too-long' }),
    )
    const numbers = Buffer.from(encodeFrame(calibrations, instance, [said(calibrations, givens.calibration())]))
    const few = JSON.stringify({ ...givens.calibration(), state: { numbers: [] } })
    const many = few.replace('[]', `[${new Array(1_000_000).fill('1e20').join()}]`)
    const text = numbers.toString().replace(JSON.stringify(givens.calibration()), many)
    expect(text).toContain('1e20')
    // Five bytes each where they come in, twenty-two where they are written down.
    expect(reading(calibrations, Buffer.from(text))).toThrow(expect.objectContaining({ code: 'message.too-long' }))
  })

  it('may say once what it means often, but not for ever', () => {
    const reasons = new Array(9_000).fill({ code: 'a.b', message: 'm'.repeat(500), limit: 'x'.repeat(60) })
    const alike = (count: number) =>
      new Array<Envelope<never>>(count).fill(said(evaluations, { ...anEvaluation(), signalId: null, reasons }))
    const frame = encodeFrame(evaluations, instance, alike(4))
    // Four times nine thousand reasons of half a thousand letters.
    expect(frame.length).toBeLessThan(5_000)
    expect(reading(evaluations, frame)).toThrow('it holds too much')
  })
})
