import { describe, expect, it } from 'vitest'
import { readArguments, readDuration, readProfile } from './arguments.js'

describe('arguments of a command', () => {
  it('that nobody knows are refused with the ones there are', () => {
    const rows = [{ name: 'seed', value: 'N', help: '' }]
    expect(() => readArguments('up', rows, ['--sed', '7'])).toThrow(/--sed.*Options of "barfinex up": --seed/)
  })

  it('name a profile that exists: a slip of the pen is no reason for wider limits', () => {
    expect(readProfile(undefined)).toBe('exploratory')
    expect(readProfile('strict')).toBe('strict')
    expect(() => readProfile('strickt')).toThrow(/exploratory or strict, not "strickt"/)
  })

  it('give lengths of time with their unit', () => {
    expect(readDuration('for', '90s')).toBe(90_000)
    expect(() => readDuration('for', '90')).toThrow(/90s, 10m, 4h or 1d/)
  })
})
