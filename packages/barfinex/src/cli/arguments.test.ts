import { describe, expect, it } from 'vitest'
import { readArguments, readDuration, readInteger, readProfile, readSymbols } from './arguments.js'

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

  it('hold whole numbers and symbols that are some', () => {
    expect(readInteger('seed', '7', 0, 9)).toBe(7)
    for (const text of ['', ' ', '0x1', '1e0', '-1']) expect(() => readInteger('seed', text, 0, 9)).toThrow(/--seed/)
    expect(readSymbols('BTC/USDT,ETH/USDT:USDT')).toEqual(['BTC/USDT', 'ETH/USDT:USDT'])
    expect(() => readSymbols('FOO')).toThrow(/BTC\/USDT.*not "FOO"/)
  })

  it('ask for help in short too', () => {
    expect(readArguments('up', [{ name: 'help', help: '' }], ['-h']).has('help')).toBe(true)
  })

  it('give lengths of time with their unit', () => {
    expect(readDuration('for', '90s')).toBe(90_000)
    expect(() => readDuration('for', '90')).toThrow(/90s, 10m, 4h or 1d/)
    const args = readArguments('up', [{ name: 'for', value: 'TIME', help: '' }], ['--for', '-1d'])
    expect(() => readDuration('for', args.text('for') ?? '')).toThrow(/such as 90s.*not "-1d"/)
  })
})
