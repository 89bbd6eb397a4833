import type { z } from 'zod'
import type { ServiceName } from '../flow/7-service.js'

/** A question with one answer. */
export interface Query<Request, Reply> {
  readonly name: string
  readonly request: z.ZodType<Request>
  readonly reply: z.ZodType<Reply>
  /** Who asks it: on a bus with rights nobody else may. */
  readonly askedBy: readonly ServiceName[]
  /** Whose answer is believed: on a bus with rights nobody else may give one. */
  readonly answeredBy: ServiceName
}

/** Describes a query; both sides share the description. */
export function defineQuery<Request, Reply>(query: Query<Request, Reply>): Query<Request, Reply> {
  return Object.freeze(query)
}
