import type { z } from 'zod'

/** A question with one answer. */
export interface Query<Request, Reply> {
  readonly name: string
  readonly request: z.ZodType<Request>
  readonly reply: z.ZodType<Reply>
}

/** Describes a query; both sides share the description. */
export function defineQuery<Request, Reply>(query: Query<Request, Reply>): Query<Request, Reply> {
  return Object.freeze(query)
}
