import { describe, expect, it } from 'vitest'
import { BarfinexError, errorCodes } from './error.js'

describe('BarfinexError', () => {
  it('carries code, advice, data and cause', () => {
    const cause = new Error('ENOENT')
    const error = new BarfinexError('tape.not-found', 'There is no tape.', {
      cause,
      details: { path: 'x' },
      retryable: true,
    })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'BarfinexError',
      code: 'tape.not-found',
      retryable: true,
      cause,
      details: { path: 'x' },
    })
    expect(new BarfinexError('bus.closed', 'x')).toMatchObject({ retryable: false, details: {} })
    expect('cause' in new BarfinexError('bus.closed', 'x')).toBe(false)
  })

  it('is recognised by what it is, also from a second copy of the package', () => {
    const error = new BarfinexError('bus.closed', 'x')
    const fromAnotherCopy = Object.assign(new Error('x'), { code: 'bus.closed', [Symbol.for('barfinex.error')]: true })
    for (const it of [error, fromAnotherCopy]) {
      expect(BarfinexError.is(it)).toBe(true)
      expect(BarfinexError.is(it, 'bus.closed')).toBe(true)
      expect(BarfinexError.is(it, 'bus.timeout')).toBe(false)
    }
    for (const it of [null, undefined, 'bus.closed', {}, new Error('x')]) expect(BarfinexError.is(it)).toBe(false)
  })

  it('has codes in one grammar, each once', () => {
    expect(new Set(errorCodes).size).toBe(errorCodes.length)
    for (const code of errorCodes) expect(code).toMatch(/^[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$/)
  })
})
