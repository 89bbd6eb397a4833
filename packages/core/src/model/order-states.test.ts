import { describe, expect, test } from 'vitest'
import { orderState } from '../flow/5-order.js'
import { assertTransition, canTransition, isFinal, isResting, isWorking } from './order-states.js'

const states = orderState.options

describe('order states', () => {
  test('nothing leaves a final state, everything else leads somewhere', () => {
    for (const from of states) {
      const leads = states.some((to) => canTransition(from, to))
      expect(leads, from).toBe(!isFinal(from))
    }
  })

  test('every working order can still end as filled: nobody may write it off early', () => {
    for (const state of states.filter(isWorking)) expect(canTransition(state, 'filled'), state).toBe(true)
  })

  test('only what was never sent is denied', () => {
    expect(states.filter((from) => canTransition(from, 'denied'))).toEqual(['initialized'])
  })

  test('a lost reply is uncertain, never rejected by us', () => {
    expect(canTransition('submitted', 'uncertain')).toBe(true)
    expect(canTransition('uncertain', 'submitted')).toBe(false)
    expect(isWorking('uncertain')).toBe(true)
    expect(isResting('uncertain')).toBe(false)
  })

  test('an illegal transition names both states', () => {
    expect(() => assertTransition('filled', 'canceled', 'e-1')).toThrowError(/e-1 cannot go from filled to canceled/)
  })
})
