import { z } from 'zod'

/**
 * An exact decimal number as text, in canonical form: `-?digits[.digits]`, no exponent, no leading plus,
 * no trailing zeros after the point, never `-0`. Used for every price, quantity, notional, fee and balance of an order.
 */
export const decimalText = z
  .string()
  .max(64)
  .regex(/^(?!-0$)-?(0|[1-9]\d*)(\.\d*[1-9])?$/, 'must be a decimal number in canonical form, such as "0.015"')

/** As {@link decimalText}, and not below zero. */
export const unsignedDecimalText = decimalText.refine((text) => !text.startsWith('-'), 'must not be negative')

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const instantMs = z.number().int().min(0).max(8_640_000_000_000_000)

/** A finite price, size or score of market data: a float, never money of an order. */
export const finite = z.number()

/** ccxt's unified symbol, `BASE/QUOTE` or `BASE/QUOTE:SETTLE`. The strict pattern keeps it safe as part of a storage key. */
export const symbol = z.string().regex(/^[A-Z0-9]{1,20}\/[A-Z0-9]{1,20}(:[A-Z0-9]{1,20}(-[A-Z0-9]{1,12}){0,3})?$/, {
  error: 'must be a symbol such as "BTC/USDT" or "BTC/USDT:USDT"',
})

/** An identifier made by us: letters, digits and `. _ : / @ -`, so it is safe in logs, keys and addresses. */
export const identifier = z
  .string()
  .regex(/^[A-Za-z0-9._:/@-]{1,160}$/, 'must be letters, digits and . _ : / @ -, at most 160')

/** A stable machine-readable code, dotted kebab: `advisor.validation.reward-risk`. */
export const code = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$/, 'must be a dotted kebab code')

/** SHA-256 as 64 hexadecimal digits. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/)

export const timeframe = z.enum([
  '1s',
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '1w',
  '1M',
])
/** Candle length. Bars align to 00:00 UTC; a week starts on Monday; `1M` is a calendar month. */
export type Timeframe = z.infer<typeof timeframe>

export const side = z.enum(['buy', 'sell'])
/** Side of an order; on a public trade, the taker's side. */
export type Side = z.infer<typeof side>

export const direction = z.enum(['long', 'short'])
/** Direction of a signal or a position that is not flat. */
export type Direction = z.infer<typeof direction>

const limitValue = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()])

export const reason = z.object({
  /** What happened, stable across versions: see docs/errors.md. */
  code,
  /** One sentence for a person, with the numbers in it. */
  message: z.string().max(500),
  /** The limit that was applied, in the unit the message names; absent where there is none. */
  limit: limitValue.optional(),
  /** What was measured against the limit; `null` when it could not be known. */
  observed: limitValue.optional(),
})
/** Why something was refused, degraded or done: a code for machines, a sentence for people, limit and observed value. */
export interface Reason extends z.infer<typeof reason> {}
