import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BarfinexError } from '../runtime/error.js'
import { testRuns } from '../testing/test-runs.js'
import { type OptionFault, parseOptions } from './parse-options.js'

const schema = z.object({
  symbols: z.array(z.string()).min(1),
  maxDrawdown: z.number().max(1).default(0.2),
  limits: z.object({ dailyLoss: z.string(), perDay: z.number().int() }).optional(),
  feeds: z.array(z.object({ url: z.string() })).default([]),
  notes: z.record(z.string(), z.object({ by: z.string() })).default({}),
  free: z.looseObject({ known: z.string() }).optional(),
})

function refusal(options: unknown): BarfinexError {
  try {
    parseOptions(schema, options, 'provider')
  } catch (error) {
    if (BarfinexError.is(error, 'options.invalid')) return error
    throw error
  }
  throw new Error('was accepted')
}

const faultsOf = (options: unknown) => refusal(options).details['faults'] as OptionFault[]

describe('parseOptions', () => {
  it('gives options with defaults filled in', () => {
    expect(parseOptions(schema, { symbols: ['BTC/USDT'] }, 'provider')).toEqual({
      symbols: ['BTC/USDT'],
      maxDrawdown: 0.2,
      feeds: [],
      notes: {},
    })
    expect(parseOptions(z.object({ a: z.number().default(1) }), undefined, 'x')).toEqual({ a: 1 })
  })

  it('refuses an unknown key with what is allowed and what was meant', () => {
    const error = refusal({ symbls: ['BTC/USDT'], symbols: ['BTC/USDT'] })
    expect(error.message).toBe(
      'provider: unknown option "symbls", did you mean "symbols"? Allowed: feeds, free, limits, maxDrawdown, notes, symbols.',
    )
    expect(error.retryable).toBe(false)
  })

  it('finds slips of case and of a letter, and does not guess at anything else', () => {
    const suggestion = (key: string) =>
      faultsOf({ symbols: ['A'], [key]: 1 }).find(({ path }) => path === key)?.suggestion
    expect(suggestion('maxdrawdown')).toBe('maxDrawdown')
    expect(suggestion('maxDrawDwon')).toBe('maxDrawdown')
    expect(suggestion('limit')).toBe('limits')
    expect(suggestion('leverage')).toBeUndefined()
    expect(suggestion('x')).toBeUndefined()
  })

  it('looks at every depth: objects, lists, records, optional and defaulted ones', () => {
    const faults = faultsOf({
      symbols: ['A'],
      limits: { dailyLoss: '2%', perDay: 3, dailyLos: '1%' },
      feeds: [{ url: 'a' }, { url: 'b', ulr: 'c' }],
      notes: { first: { by: 'ada', bye: 1 } },
      free: { known: 'x', anything: 1 },
    })
    expect(faults.map(({ path, suggestion }) => [path, suggestion])).toEqual([
      ['limits.dailyLos', 'dailyLoss'],
      ['feeds[1].ulr', 'url'],
      ['notes.first.bye', 'by'],
    ])
  })

  it('names the path of every wrong value, together with unknown keys', () => {
    const error = refusal({ symbols: [], maxDrawdown: 2, limits: { dailyLoss: 1, perDay: 0.5 }, what: 1 })
    for (const path of ['symbols', 'maxDrawdown', 'limits.dailyLoss', 'limits.perDay', 'what']) {
      expect(error.message).toContain(`"${path}"`)
    }
    expect(error.message).toMatch(/^provider: /)
    expect(refusal('text').message).toMatch(/expected object/)
  })

  it('reports a key once that a strict schema reports as well', () => {
    const strict = z.strictObject({ inner: z.strictObject({ a: z.number() }) })
    const parse = () => parseOptions(strict, { inner: { a: 1, b: 2 }, c: 3 }, 'x')
    expect(parse).toThrow(
      'x: unknown option "inner.b", did you mean "a"? Allowed: a. unknown option "c". Allowed: inner.',
    )
  })

  it('accepts what only known keys are in, and refuses as soon as one more is', () => {
    const key = fc
      .string({ minLength: 1, maxLength: 12 })
      .filter((it) => !Object.hasOwn(schema.shape, it) && it !== '__proto__')
    fc.assert(
      fc.property(key, fc.anything(), (unknown, value) => {
        expect(parseOptions(schema, { symbols: ['A'] }, 'x').symbols).toEqual(['A'])
        expect(faultsOf({ symbols: ['A'], [unknown]: value }).map(({ path }) => path)).toEqual([unknown])
      }),
      { numRuns: testRuns(100) },
    )
  })
})
