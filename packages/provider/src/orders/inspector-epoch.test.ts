import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InspectorEpoch } from './inspector-epoch.js'

describe('the epoch of the Inspector that guards the account', () => {
  test('is raised by seals, and the word of the proven one counts, said before or after', () => {
    const it = new InspectorEpoch()
    it.learnWord(6, 'reduceOnly')
    expect([it.proven, it.claimed, it.tradingState]).toEqual([0, 6, 'reduceOnly'])
    it.learnWord(6, 'active')
    it.learnSeal(6)
    expect([it.proven, it.claimed, it.tradingState]).toEqual([6, null, 'active'])
    it.learnWord(6, 'halted')
    it.learnWord(5, 'active')
    it.learnSeal(5)
    expect([it.proven, it.claimed, it.tradingState]).toEqual([6, null, 'halted'])
  })

  test('a halt is lifted by the next Inspector with its seal only, and not by its word', () => {
    const it = new InspectorEpoch()
    it.learnSeal(5)
    it.learnWord(5, 'halted')
    it.learnWord(6, 'active')
    expect(it.tradingState).toBe('halted')
    it.learnSeal(6)
    expect(it.tradingState).toBe('active')
  })

  test('a halt that an Inspector between has claimed outlives its being skipped', () => {
    const it = new InspectorEpoch()
    it.learnWord(6, 'halted')
    it.learnWord(7, 'active')
    expect(it.tradingState).toBe('halted')
    it.learnSeal(8)
    expect([it.proven, it.claimed, it.tradingState]).toEqual([8, null, 'halted'])
    it.learnWord(8, 'active')
    expect(it.tradingState).toBe('active')
  })

  test('whatever is said above the highest seal: that number stays, and nothing gets looser', () => {
    const state = fc.constantFrom('active' as const, 'reduceOnly' as const, 'halted' as const)
    const order = ['active', 'reduceOnly', 'halted']
    fc.assert(
      fc.property(
        state,
        fc.array(fc.tuple(fc.integer({ min: 6, max: Number.MAX_SAFE_INTEGER }), state)),
        (own, words) => {
          const it = new InspectorEpoch()
          it.learnSeal(5)
          it.learnWord(5, own)
          for (const [epoch, said] of words) it.learnWord(epoch, said)
          expect(it.proven).toBe(5)
          expect(order.indexOf(it.tradingState)).toBeGreaterThanOrEqual(order.indexOf(own))
          expect(it.claimed === null).toBe(words.length === 0)
        },
      ),
    )
  })
})
