import { z } from 'zod'

/** Whether and how a language model takes part. Without an endpoint it does not. */
export const llmOptions = z.strictObject({
  mode: z.enum(['off']).default('off'),
})
export interface LlmOptions extends z.output<typeof llmOptions> {}
