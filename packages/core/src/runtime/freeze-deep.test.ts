import { describe, expect, it } from 'vitest'
import { freezeDeep } from './freeze-deep.js'

describe('freezing a record', () => {
  it('reaches what a frozen outside holds, and lists', () => {
    const value = freezeDeep(Object.freeze({ order: { quantity: '1' }, fills: [{ price: '2' }], none: null }))
    expect(() => Object.assign(value.order, { quantity: '9' })).toThrow(TypeError)
    expect(() => value.fills.push({ price: '3' })).toThrow(TypeError)
    expect(() => Object.assign(value.fills[0] as object, { price: '9' })).toThrow(TypeError)
    expect(value).toEqual({ order: { quantity: '1' }, fills: [{ price: '2' }], none: null })
  })

  it('leaves typed arrays usable and ends on a circle', () => {
    const circle: { prices: Float64Array; self?: unknown } = { prices: new Float64Array(1) }
    circle.self = circle
    freezeDeep(circle)
    circle.prices[0] = 4
    expect(circle.prices[0]).toBe(4)
    expect(Object.isFrozen(circle)).toBe(true)
  })
})
