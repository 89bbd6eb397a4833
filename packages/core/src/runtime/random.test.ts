import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from './random.js'

const draw = (count: number, random: Random, what: 'next' | 'normal') =>
  Array.from({ length: count }, () => random[what]())

describe('createRandom', () => {
  it('gives the same numbers for the same seed, on every machine', () => {
    expect(draw(4, createRandom(7), 'next')).toEqual(draw(4, createRandom('7'), 'next'))
    expect(draw(3, createRandom(7), 'next')).toMatchInlineSnapshot(`
      [
        0.33604766824282706,
        0.9838946994859725,
        0.42378632398322225,
      ]
    `)
    expect(draw(2, createRandom('paper/btc'), 'normal')).toMatchInlineSnapshot(`
      [
        0.3620241246729144,
        0.48317006599217394,
      ]
    `)
    expect(draw(20, createRandom(8), 'next')).not.toEqual(draw(20, createRandom(7), 'next'))
  })

  it('is uniform in [0, 1): means, spread, correlation and bins', () => {
    const random = createRandom(1)
    const values = draw(100_000, random, 'next')
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    const lagged = values
      .slice(1)
      .reduce((sum, value, index) => sum + (value - mean) * ((values[index] as number) - mean), 0)
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values.slice(0, 50_000))).toBeLessThan(1)
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.005)
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.002)
    expect(Math.abs(lagged / values.length / variance)).toBeLessThan(0.015)
    const bins = new Array<number>(64).fill(0)
    for (const value of values) bins[Math.floor(value * 64)] = (bins[Math.floor(value * 64)] as number) + 1
    const expected = values.length / 64
    const chiSquare = bins.reduce((sum, bin) => sum + (bin - expected) ** 2 / expected, 0)
    // 63 degrees of freedom: beyond 120 in one of 60,000 good generators.
    expect(chiSquare).toBeLessThan(120)
  })

  it('draws standard normals and whole numbers below a bound', () => {
    const random = createRandom('n')
    const normals = draw(50_000, random, 'normal')
    const mean = normals.reduce((sum, value) => sum + value, 0) / normals.length
    const variance = normals.reduce((sum, value) => sum + value ** 2, 0) / normals.length
    expect(normals.every(Number.isFinite)).toBe(true)
    expect(Math.abs(mean)).toBeLessThan(0.02)
    expect(Math.abs(variance - 1)).toBeLessThan(0.03)
    const dice = new Set(Array.from({ length: 1_000 }, () => random.integer(6)))
    expect([...dice].sort()).toEqual([0, 1, 2, 3, 4, 5])
    expect(random.integer(1)).toBe(0)
  })

  it('forks streams that do not disturb each other', () => {
    const one = createRandom(7)
    const before = draw(5, one.fork('market'), 'next')
    draw(1_000, one, 'next')
    draw(1_000, one.fork('latency'), 'next')
    expect(draw(5, one.fork('market'), 'next')).toEqual(before)
    expect(draw(5, one.fork('latency'), 'next')).not.toEqual(before)
    expect(draw(5, one.fork('a').fork('b'), 'next')).not.toEqual(draw(5, one.fork('b').fork('a'), 'next'))
  })
})
