import { existsSync, readFileSync } from 'node:fs'
import { BarfinexError, type Instrument, schemas } from '@barfinex/core'
import { z } from 'zod'
import { tapeFault } from './tape-fault.js'

const rules = z.strictObject({
  kind: z.enum(['spot', 'swap', 'future', 'forex', 'stock']),
  base: z.string().regex(/^[A-Z0-9]{1,20}$/),
  quote: z.string().regex(/^[A-Z0-9]{1,20}$/),
  /** Smallest price step. */
  tickSize: schemas.unsignedDecimalText,
  /** Smallest quantity step, in base. */
  stepSize: schemas.unsignedDecimalText,
  minQuantity: schemas.unsignedDecimalText,
  maxQuantity: schemas.unsignedDecimalText.nullable().default(null),
  minNotional: schemas.unsignedDecimalText,
  maxNotional: schemas.unsignedDecimalText.nullable().default(null),
})

const fees = z.strictObject({ makerBps: schemas.unsignedDecimalText, takerBps: schemas.unsignedDecimalText })

const shared = { symbol: schemas.symbol, instrument: rules, fees, note: z.string().optional() }

/** Columns that make a candle; a tape has either one price or both sides. */
const price = ['open', 'high', 'low', 'close'] as const
const sides = ['bidOpen', 'bidHigh', 'bidLow', 'bidClose', 'askOpen', 'askHigh', 'askLow', 'askClose'] as const

/** Beside a file of candles: everything about it that the file itself does not say. */
export const candleSidecar = z
  .strictObject({
    ...shared,
    format: z.literal('candles').default('candles'),
    timeframe: schemas.timeframe,
    /** Names of all columns in their order; names that are not known are passed over. */
    columns: z.array(z.string()).min(5),
    /** Whether the first line holds names instead of data. */
    header: z.boolean(),
    /**
     * How an instant is written: `milliseconds`, `seconds`, `microseconds` or `nanoseconds` since 1970, `milliseconds of day`, or a
     * pattern of `YYYY MM DD HH mm ss S…` such as `YYYY-MM-DD HH:mm:ss`.
     */
    time: z.string(),
    /** The day that `milliseconds of day` counts from, `YYYY-MM-DD`. */
    date: z.iso.date().optional(),
    /** IANA name, such as `UTC` or `America/New_York`. */
    timeZone: z.string(),
    /** Whether an instant marks the bar's open or its close. */
    stamp: z.enum(['open', 'close']),
    volumeUnit: z.enum(['base', 'quote', 'none']),
    /** Divide prices by it. */
    priceScale: z.number().positive(),
  })
  .superRefine((it, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    const names = new Set(it.columns)
    if (names.size !== it.columns.length) fault('columns', 'names each column once')
    if (!names.has('time') && !names.has('timestamp')) fault('columns', 'has a column "time" or "timestamp"')
    const hasPrice = price.every((name) => names.has(name))
    const hasSides = sides.every((name) => names.has(name))
    if (hasPrice === hasSides) fault('columns', `has either ${price.join(', ')} or ${sides.join(', ')}`)
    if (it.volumeUnit !== 'none' && !names.has('volume')) fault('volumeUnit', 'is "none" without a column "volume"')
    if ((it.time === 'milliseconds of day') !== (it.date !== undefined)) {
      fault('date', 'is there exactly when time is "milliseconds of day"')
    }
  })
export type CandleSidecar = z.infer<typeof candleSidecar>

/** Beside a raw capture of Binance's combined stream: lines of `local time in nanoseconds, JSON`. */
export const captureSidecar = z.strictObject({ ...shared, format: z.literal('binance-combined') })
export type CaptureSidecar = z.infer<typeof captureSidecar>

export type TapeSidecar = CandleSidecar | CaptureSidecar

/** What a sidecar file holds before it has been checked. */
export type TapeSidecarInput = z.input<typeof candleSidecar> | z.input<typeof captureSidecar>

/** Reads and checks `<tape>.tape.json`. Nothing about a tape is guessed: without it the tape is refused. */
export function readSidecar(tape: string): TapeSidecar {
  const path = `${tape}.tape.json`
  if (!existsSync(path)) {
    throw new BarfinexError(
      'tape.sidecar-missing',
      `"${tape}" has no "${path}" beside it. Write one that says symbol, timeframe, columns, header, time, timeZone, ` +
        'stamp (open or close), volumeUnit (base, quote or none), priceScale, instrument and fees.',
      { details: { path } },
    )
  }
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw tapeFault({ path }, `it is not JSON (${String(cause)})`, 'Correct it.')
  }
  return checkSidecar(content, path)
}

/** Checks what a sidecar says; `path` names it in the message. */
export function checkSidecar(content: unknown, path: string): TapeSidecar {
  const isCapture =
    typeof content === 'object' && content !== null && 'format' in content && content.format !== 'candles'
  const parsed = isCapture ? captureSidecar.safeParse(content) : candleSidecar.safeParse(content)
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the object'}: ${issue.message}`)
    throw tapeFault({ path }, issues.slice(0, 5).join('; '), 'Correct the sidecar.')
  }
  const { symbol, instrument } = parsed.data
  const [pair = '', settle] = symbol.split(':')
  if (pair !== `${instrument.base}/${instrument.quote}`) {
    throw tapeFault({ path }, `symbol ${symbol} is not ${instrument.base}/${instrument.quote}`, 'Make them agree.')
  }
  if (settle !== undefined && settle !== instrument.quote) {
    throw tapeFault({ path }, `${symbol} settles in ${settle}`, 'Only contracts that settle in quote can be played.')
  }
  for (const [name, text] of Object.entries({ tickSize: instrument.tickSize, stepSize: instrument.stepSize })) {
    if (text === '0') throw tapeFault({ path }, `instrument.${name} is 0`, 'Give the smallest step above zero.')
  }
  return parsed.data
}

/** The instrument that a sidecar describes. */
export function instrumentOf(sidecar: TapeSidecar): Instrument {
  return {
    symbol: sidecar.symbol,
    exchange: 'paper',
    ...sidecar.instrument,
    settle: sidecar.instrument.quote,
    makerFeeBps: sidecar.fees.makerBps,
    takerFeeBps: sidecar.fees.takerBps,
    status: 'trading',
    revision: 1,
  }
}
