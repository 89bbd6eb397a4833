import { z } from 'zod'

/** What came of one call: whatever arrived, as it arrived, or why nothing whole did. It is what a cassette keeps. */
export const exchange = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('response'),
    status: z.number().int(),
    contentType: z.string().nullable(),
    /** What the endpoint asked to wait, milliseconds. */
    retryAfterMs: z.number().nullable(),
    requestId: z.string().nullable(),
    body: z.string(),
  }),
  z.strictObject({ kind: z.literal('fault'), fault: z.enum(['deadline', 'connection', 'closed', 'too-large']) }),
])
export type Exchange = z.output<typeof exchange>
