import { describe, expect, it } from 'vitest'
import { queries } from '../bus/queries.js'
import { candlesInRow } from '../testing/given-market.js'
import { decodeAnswer, encodeAnswer, isInColumns } from './answer-columns.js'

const { reply: schema } = queries.candles
const reply = { candles: candlesInRow(1_000), cursor: null }

describe('an answer in columns', () => {
  it('comes back as it was, checked, in a fraction of the space', () => {
    const answer = encodeAnswer('a.1', schema, reply) as Buffer
    expect(isInColumns(answer)).toBe(true)
    expect(answer.length).toBeLessThan(JSON.stringify(reply).length / 5)
    const read = decodeAnswer(answer, (id) => (id === 'a.1' ? schema : undefined))
    expect(read).toEqual({ id: 'a.1', reply })
    expect(read).toSatisfy((it: { reply: typeof reply }) => Object.isFrozen(it.reply.candles))
  })

  it('to a question that nobody has asked is passed over', () => {
    expect(decodeAnswer(encodeAnswer('a.1', schema, reply) as Buffer, () => undefined)).toBeNull()
  })

  it('is none where it does not fit its schema, and is refused where another schema is wanted', () => {
    const [candle] = reply.candles
    expect(encodeAnswer('a.1', schema, { ...reply, candles: [{ ...candle, open: Number.NaN }] })).toBeNull()
    const answer = encodeAnswer('a.1', schema, reply) as Buffer
    expect(() => decodeAnswer(answer, () => queries.account.reply)).toThrow()
    expect(() => decodeAnswer(answer.subarray(0, answer.length - 1), () => schema)).toThrow()
    // Below zero where the schema wants a price: written by somebody who checks nothing.
    const bad = { ...reply, candles: reply.candles.map((it) => ({ ...it, close: -it.close })) }
    expect(() => decodeAnswer(encodeAnswer('a.1', schema, bad) as Buffer, () => schema)).toThrow('bounds')
  })
})
