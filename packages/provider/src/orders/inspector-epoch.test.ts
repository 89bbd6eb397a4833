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

  test('what was claimed under numbers nobody was given is forgotten, with what it made stricter', () => {
    const it = new InspectorEpoch()
    it.learnSeal(5)
    it.learnWord(6, 'reduceOnly')
    it.learnWord(8, 'active')
    it.learnWord(7, 'halted')
    const heard = it.heard
    expect([it.claimed, it.tradingState]).toEqual([8, 'halted'])
    // Said again after the question: the answer does not speak of it.
    it.learnWord(8, 'active')
    expect(it.dismiss(6, heard)).toBe(7)
    expect([it.claimed, it.tradingState]).toEqual([8, 'reduceOnly'])
    expect(it.dismiss(6, it.heard)).toBe(8)
    expect(it.dismiss(6, it.heard)).toBeNull()
    expect([it.proven, it.claimed, it.tradingState]).toEqual([5, 6, 'reduceOnly'])
    it.learnSeal(6)
    expect([it.claimed, it.tradingState]).toEqual([null, 'reduceOnly'])
  })

  test('a thousand forged numbers do not hide what the next Inspector says, and go with one answer', () => {
    const it = new InspectorEpoch()
    it.learnSeal(5)
    for (let epoch = 1_000; epoch > 6; epoch -= 1) it.learnWord(epoch, 'halted')
    it.learnWord(6, 'active')
    it.learnWord(2_000, 'halted')
    expect(it.dismiss(6, it.heard)).toBe(2_000)
    it.learnWord(6, 'active')
    expect([it.claimed, it.tradingState]).toEqual([6, 'active'])
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
