import { schemas } from '@barfinex/core'
import { z } from 'zod'
import { rungs } from './completion-request.js'
import { exchange } from './exchange.js'

/** One step of asking: a call and what came of it, or why it was not made. All that a replay needs, and nothing secret. */
export const turn = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('call'),
    model: z.string(),
    rung: z.enum(rungs),
    purpose: z.enum(['ask', 'repair']),
    /** Hash of the request. */
    key: schemas.sha256Hex,
    exchange,
    /** Tokens set aside for it: they count where the endpoint does not say what it used. */
    reserved: z.strictObject({ tokensIn: z.number().int(), tokensOut: z.number().int() }),
  }),
  z.strictObject({ kind: z.literal('refused'), reason: schemas.reason }),
])
export type Turn = z.output<typeof turn>
export type CallTurn = Extract<Turn, { kind: 'call' }>
