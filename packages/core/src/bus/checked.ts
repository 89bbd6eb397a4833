import type { z } from 'zod'
import type { Channel } from '../flow/channel.js'
import { BarfinexError } from '../runtime/error.js'
import { freezeDeep } from '../runtime/freeze-deep.js'

/** Refuses a payload that its channel's schema does not know, with `message.invalid`, and freezes it. */
export function checkedPayload(channel: Channel<never>, payload: unknown): void {
  checked(channel.schema, payload, `A message of ${channel.name}`)
  freezeDeep(payload)
}

/** Refuses what a schema does not know, with `message.invalid`. */
export function checked(schema: z.ZodType, value: unknown, what: string): void {
  const parsed = schema.safeParse(value)
  if (parsed.success) return
  const text = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')
  throw new BarfinexError('message.invalid', `${what} does not fit its schema: ${text}. Mend its writer.`)
}
