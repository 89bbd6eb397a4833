import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Channel } from '../../flow/channel.js'
import { channels, flow } from '../../flow/map.js'
import { decimalText, identifier, instantMs, symbol, unsignedDecimalText } from '../../flow/primitives.js'
import { aDecision, anIntent } from '../../testing/given-decision.js'
import { aBookChange, aCandle, aFeed, anInstrument, aQuote, aTrade } from '../../testing/given-market.js'
import { aFill, anAccount, anOrderCommand, anOrderEvent } from '../../testing/given-order.js'
import { aHeartbeat, anOperatorCommand, aServiceStatus } from '../../testing/given-service.js'
import { anEvaluation, aSignal, aStrategyState } from '../../testing/given-signal.js'
import { anAct, anIncident, anOutcome, aVerdict } from '../../testing/given-verdict.js'
import { testRuns } from '../../testing/test-runs.js'
import { columnOf } from './column-of.js'
import { ColumnReader } from './column-reader.js'
import { ColumnWriter } from './column-writer.js'
import { JsonColumn } from './json-column.js'
import { compileJoin, compileSplit, plainJoin, plainSplit } from './row-code.js'

/** Bytes of values, written as one schema says and none too strict; `null` when they do not fit even that. */
function written(schema: z.ZodType, values: readonly unknown[]): Buffer | null {
  const writer = new ColumnWriter()
  return columnOf(schema).write(values, writer) ? writer.finish('') : null
}

function readAs(schema: z.ZodType, bytes: Buffer, count: number): readonly unknown[] {
  const reader = new ColumnReader(bytes)
  const values = columnOf(schema).read(count, reader)
  reader.end()
  return values
}

/** What comes of the same values as JSON and through the schema; `null` when that refuses one. */
function asJson(schema: z.ZodType, values: readonly unknown[]): unknown {
  const parsed = z.array(schema).safeParse(JSON.parse(JSON.stringify(values)))
  return parsed.success ? parsed.data : null
}

const number = fc.oneof(
  fc.integer({ min: -3, max: 300 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -10_000_000, max: 10_000_000 }).map((it) => it / 100),
  fc.maxSafeInteger(),
  fc.constantFrom(2 ** 53, -0, 1e-9, Number.MAX_VALUE, Number.MIN_VALUE),
)
const text = fc.oneof(
  fc.constantFrom('a', 'b', 'BTC/USDT', '-1', '0.5', '007', ''),
  fc.string({ maxLength: 6, unit: 'binary' }),
  fc.string({ minLength: 250, maxLength: 300 }),
)
const inRow = (one: fc.Arbitrary<unknown>) =>
  fc.oneof(
    fc.array(one, { minLength: 1, maxLength: 40 }),
    fc.tuple(one, fc.integer({ min: 1, max: 40 })).map(([it, count]) => new Array(count).fill(it)),
    fc
      .tuple(fc.array(one, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 20 }))
      .map(([some, times]) => new Array(times).fill(some).flat()),
  )

/** Strict schemas, each with the loosest that has the same columns, and values that fit the loose one. */
const kinds: readonly (readonly [name: string, strict: z.ZodType, loose: z.ZodType, one: fc.Arbitrary<unknown>])[] = [
  ['numbers', z.number(), z.number(), number],
  ['whole numbers', z.number().int().min(0), z.number(), number],
  ['instants', instantMs, z.number(), number],
  ['shares', z.number().gt(0).max(1), z.number(), number],
  ['text', z.string().max(5), z.string(), text],
  ['identifiers', identifier, z.string(), text],
  ['symbols', symbol, z.string(), text],
  ['decimals', decimalText, z.string(), text],
  ['decimals of a condition', unsignedDecimalText, z.string(), text],
  ['choices', z.enum(['a', 'b']), z.string(), text],
  ['one word', z.literal('a'), z.string(), text],
  ['flags', z.boolean(), z.boolean(), fc.boolean()],
  ['numbers or null', z.number().positive().nullable(), z.number().nullable(), fc.option(number)],
  ['lists', z.array(identifier).max(2), z.array(z.string()), fc.array(text, { maxLength: 3 })],
  [
    'records',
    z.object({ a: z.number().int(), b: identifier.optional(), c: z.object({ d: z.boolean() }).nullable() }),
    z.object({ a: z.number(), b: z.string().optional(), c: z.object({ d: z.boolean() }).nullable() }),
    fc.record(
      { a: number, b: text, c: fc.option(fc.record({ d: fc.boolean() })) },
      { requiredKeys: ['a', 'c'], noNullPrototype: true },
    ),
  ],
]

describe('columns', () => {
  it.each(kinds)('of %s let through what the schema does, as it does, and nothing else', (_, strict, loose, one) => {
    fc.assert(
      fc.property(inRow(one), (values) => {
        const bytes = written(loose, values)
        if (bytes === null) return
        const expected = asJson(strict, values)
        if (expected === null) expect(() => readAs(strict, bytes, values.length)).toThrow()
        else expect(readAs(strict, bytes, values.length)).toEqual(expected)
      }),
      { numRuns: testRuns(80) },
    )
  })

  it.each(kinds)('of %s are not written of anything else', (_, strict, __, one) => {
    const strange = fc.constantFrom<unknown>(
      undefined,
      null,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      'x',
      {},
      [],
      true,
    )
    fc.assert(
      fc.property(inRow(one), strange, fc.nat(40), (values, other, at) => {
        const mixed = [...values]
        mixed.splice(at % mixed.length, 1, other)
        const bytes = written(strict, mixed)
        if (bytes === null) return
        let read: unknown = null
        try {
          read = readAs(strict, bytes, mixed.length)
        } catch {
          // Refused: as it should be, unless the schema takes them.
        }
        expect(read).toEqual(typeof other === 'bigint' ? null : asJson(strict, mixed))
      }),
      { numRuns: testRuns(60) },
    )
  })

  it('that were damaged are refused, or hold what their schema allows', () => {
    const schema = z.object({ a: z.number().int().min(0), b: identifier, c: z.array(z.enum(['x', 'y'])).nullable() })
    const values = Array.from({ length: 20 }, (_, index) => ({
      a: index * index,
      b: `id-${index % 3}`,
      c: index % 4 === 0 ? null : (['x', 'y'] as const).slice(index % 3),
    }))
    const bytes = written(schema, values) as Buffer
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(damage, fc.nat(bytes.length), fc.boolean(), (changes, length, isCut) => {
        const copy = Buffer.from(isCut ? bytes.subarray(0, length) : bytes)
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value
        let read: readonly unknown[] = []
        try {
          read = readAs(schema, copy, values.length)
        } catch {
          return
        }
        expect(z.array(schema).safeParse(read).success).toBe(true)
      }),
      { numRuns: testRuns(500) },
    )
  })

  it('that promise more than they hold do not fill the memory', () => {
    const writer = new ColumnWriter()
    // A thousand lists of four million times the same number, in thirty bytes.
    writer.u8(0)
    writer.f64(4_000_000)
    writer.u8(0)
    writer.f64(1)
    expect(() => readAs(z.array(z.number()), writer.finish('') as Buffer, 1_000)).toThrow('too much')
  })

  it('keep text that UTF-8 cannot carry for JSON', () => {
    expect(written(z.string(), ['\ud800'])).toBeNull()
    expect(readAs(z.string(), written(z.string(), ['ü😀', 'b']) as Buffer, 2)).toEqual(['ü😀', 'b'])
  })

  it('give what the schema changes to the schema', () => {
    const schemas = [
      z.string().trim(),
      z.uuid(),
      z.strictObject({ a: z.number() }),
      z.object({ a: z.number() }).refine(() => true),
      z.number().default(1),
      z.number().multipleOf(2),
      z.coerce.number(),
      z.string().regex(/a/g),
      z.record(z.string(), z.number()),
      z.union([z.string(), z.number()]),
      z.object(Object.fromEntries([['__proto__', z.string()]])),
    ]
    for (const schema of schemas) expect(columnOf(schema)).toBeInstanceOf(JsonColumn)
  })

  it('of a schema that names itself end in JSON', () => {
    interface Tree {
      name: string
      branches: Tree[]
    }
    const tree: z.ZodType<Tree> = z.object({
      name: z.string(),
      get branches() {
        return z.array(tree)
      },
    })
    const values = [{ name: 'a', branches: [{ name: 'b', branches: [] }] }]
    expect(readAs(tree, written(tree, values) as Buffer, 1)).toEqual(values)
    expect(() =>
      readAs(
        tree,
        written(z.object({ name: z.string(), branches: z.array(z.unknown()) }), [
          { name: 'a', branches: [{ name: 1 }] },
        ]) as Buffer,
        1,
      ),
    ).toThrow('name')
  })

  it('carry every channel as its schema does', () => {
    const given: Partial<Record<keyof typeof flow, unknown>> = {
      instrument: anInstrument(),
      trade: aTrade(),
      quote: aQuote(),
      book: aBookChange(),
      formingCandle: aCandle({ isFinal: false }),
      candle: aCandle(),
      feed: aFeed(),
      evaluation: anEvaluation(),
      signal: aSignal(),
      strategyState: aStrategyState(),
      decision: aDecision(),
      intent: anIntent(),
      verdict: aVerdict(),
      act: anAct(),
      outcome: anOutcome(),
      incident: anIncident(),
      orderCommand: anOrderCommand(),
      orderEvent: anOrderEvent(),
      fill: aFill(),
      account: anAccount(),
      operatorCommand: anOperatorCommand(),
      serviceStatus: aServiceStatus(),
      heartbeat: aHeartbeat(),
    }
    for (const [name, payload] of Object.entries(given)) {
      const { schema } = flow[name as keyof typeof flow] as unknown as Channel<unknown>
      const values = [payload, payload, payload]
      expect(readAs(schema, written(schema, values) as Buffer, 3), name).toEqual(asJson(schema, values))
    }
  })

  it('are no JSON where there are many of them', () => {
    for (const { name, schema, class: kind } of channels) {
      if (kind === 'live' || kind === 'settled') expect(columnOf(schema), name).not.toBeInstanceOf(JsonColumn)
    }
  })
})

describe('code for records', () => {
  const names = ['a', 'b "c"', 'constructor']
  const row = fc.record({ a: fc.anything(), 'b "c"': fc.anything(), constructor: fc.anything() })

  it('is the same written out and as a loop', () => {
    const rows = fc.array(fc.oneof({ weight: 20, arbitrary: row }, fc.constantFrom(null, 1, [])), { maxLength: 5 })
    fc.assert(
      fc.property(rows, (given) => {
        const columns = plainSplit(names)(given)
        expect(compileSplit(names)(given)).toEqual(columns)
        if (columns === null || columns.some((column) => column.includes(undefined))) return
        expect(compileJoin(names)(columns, given.length)).toEqual(plainJoin(names)(columns, given.length))
      }),
      { numRuns: testRuns(200) },
    )
  })
})
