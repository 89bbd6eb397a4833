import { describe, expect, it } from 'vitest'
import { Vwap } from './vwap.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

describe('session vwap', () => {
  it('begins anew with the day', () => {
    const vwap = new Vwap()
    expect(vwap.update(10, 1, dayMs)).toBe(10)
    expect(vwap.update(20, 3, dayMs + hourMs)).toBe(17.5)
    expect(vwap.update(40, 1, 2 * dayMs)).toBe(40)
  })

  it('says nothing of a session whose beginning it has not seen', () => {
    const vwap = new Vwap()
    expect(vwap.update(10, 1, dayMs + hourMs)).toBeNaN()
    expect(vwap.update(20, 1, dayMs + 2 * hourMs)).toBeNaN()
    // The candle of midnight is missing, but the last one was of another day: this is the first of the session.
    expect(vwap.update(30, 1, 2 * dayMs + hourMs)).toBe(30)
  })

  it('follows sessions that do not begin at midnight', () => {
    const vwap = new Vwap(8 * hourMs, hourMs)
    expect(vwap.update(10, 1, dayMs)).toBeNaN()
    expect(vwap.update(20, 1, dayMs + hourMs)).toBe(20)
    expect(vwap.update(40, 1, dayMs + 8 * hourMs)).toBe(30)
    expect(vwap.update(50, 1, dayMs + 9 * hourMs)).toBe(50)
  })

  it('is unknown while nobody traded', () => {
    const vwap = new Vwap()
    expect(vwap.update(10, 0, 0)).toBeNaN()
    expect(vwap.update(20, 2, hourMs)).toBe(20)
  })
})
