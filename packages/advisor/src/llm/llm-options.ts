import { BarfinexError } from '@barfinex/core'
import { z } from 'zod'
import { Secret } from './secret.js'

const milliseconds = z.number().int().positive()

const baseUrl = z.url({ protocol: /^https?$/ }).superRefine((text, context) => {
  const { username, password, search, hash } = new URL(text)
  if (username !== '' || password !== '' || search !== '' || hash !== '') {
    const message = 'Must hold neither credentials nor a query: give the key as apiKey.'
    context.addIssue({ code: 'custom', message })
  }
})

const endpoint = z
  .strictObject({
    /** Address of an OpenAI-compatible API, up to and with its version: `http://127.0.0.1:8080/v1`. */
    baseUrl,
    model: z.string().regex(/^[\x21-\x7e]{1,200}$/, 'Must be a name without spaces.'),
    /** Kept out of every log, hash, file and message. */
    apiKey: z
      .string()
      .regex(/^[\x21-\x7e]{1,4096}$/, 'Must be printable ASCII without spaces.')
      .transform((text) => new Secret(text))
      .optional(),
    /** Name of the environment variable that holds the key. A program resolves it with {@link resolveApiKeys}. */
    apiKeyEnv: z.string().min(1).optional(),
    /** How the form of the answer is asked for. `auto` begins with the strictest and goes down when the endpoint refuses it. */
    format: z.enum(['auto', 'json_schema', 'json_object', 'text']).default('auto'),
    /** `null` sends none: some models accept their own default only. */
    temperature: z.number().min(0).max(2).nullable().default(0),
    /** `null` sends none. */
    seed: z.number().int().nullable().default(7),
    /** Name of the field that limits the answer; newer models of OpenAI take the second. */
    tokenLimitField: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
  })
  .superRefine(({ baseUrl: address, apiKey }, context) => {
    if (apiKey === undefined || !URL.canParse(address)) return
    const { protocol, hostname } = new URL(address)
    if (protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return
    const message = 'Must be https where an apiKey is sent beyond this machine.'
    context.addIssue({ code: 'custom', path: ['baseUrl'], message })
  })

const price = z.strictObject({ inputUsdPerMillion: z.number().min(0), outputUsdPerMillion: z.number().min(0) })

const budget = z.strictObject({
  /** Longest request, tokens by estimate. */
  tokensIn: z.number().int().positive().default(3_000),
  /** Longest answer, tokens. */
  tokensOut: z.number().int().positive().default(600),
  /** All calls of a day of UTC together, in and out. */
  tokensPerDay: z.number().int().positive().default(2_000_000),
  perDecisionUsd: z.number().positive().default(0.01),
  perDayUsd: z.number().positive().default(2),
  callsPerHourPerSymbol: z.number().int().positive().default(60),
  /** By model. Without a price only the caps on tokens and calls hold. */
  priceTable: z.record(z.string(), price).default({}),
})

const breaker = z.strictObject({
  windowCalls: z.number().int().positive().default(20),
  windowMs: milliseconds.default(300_000),
  minCalls: z.number().int().positive().default(5),
  /** Opens when this share of the calls in the window failed. */
  failureShare: z.number().gt(0).max(1).default(0.5),
  /** Opens also after so many deadlines in a row. */
  timeoutsInRow: z.number().int().positive().default(3),
  /** First rest; each further one is twice as long. */
  openMs: milliseconds.default(60_000),
  maxOpenMs: milliseconds.default(900_000),
})

const cassette = z.strictObject({
  /** A file of lines of JSON: one per attempt, without keys. */
  file: z.string().min(1),
  /** `replay` never calls out: what is not on the cassette gives way to the rules. `auto` records what is missing. */
  mode: z.enum(['off', 'record', 'replay', 'auto']).default('off'),
})

/** Whether and how a language model takes part. Without an endpoint it does not. */
export const llmOptions = z
  .strictObject({
    /** `off` without an endpoint, `veto` with one. */
    mode: z.enum(['off', 'shadow', 'veto', 'require']).optional(),
    /** Tried in order. */
    endpoints: z.array(endpoint).max(4).default([]),
    /** For the whole of one synthesis; never more than a tenth of the bar. */
    deadlineMs: milliseconds.max(60_000).default(8_000),
    budget: budget.prefault({}),
    breaker: breaker.prefault({}),
    cassette: cassette.optional(),
    /** Permits calls while a virtual clock runs, so in paper trading and backtests. */
    allowLive: z.boolean().default(false),
  })
  .superRefine(({ mode, endpoints }, context) => {
    if (mode !== undefined && mode !== 'off' && endpoints.length === 0) {
      const message = `Cannot be "${mode}" without an endpoint. Name one under endpoints, or leave the mode out.`
      context.addIssue({ code: 'custom', path: ['mode'], message })
    }
    endpoints.forEach(({ apiKeyEnv, apiKey }, index) => {
      if (apiKeyEnv === undefined) return
      const message =
        apiKey === undefined
          ? `Names the environment variable ${apiKeyEnv}, which only a program reads. Give apiKey, or pass the options through resolveApiKeys.`
          : 'Cannot stand beside apiKey.'
      context.addIssue({ code: 'custom', path: ['endpoints', index, 'apiKeyEnv'], message })
    })
  })
  .transform((options) => ({ ...options, mode: options.mode ?? (options.endpoints.length === 0 ? 'off' : 'veto') }))

export interface LlmOptions extends z.output<typeof llmOptions> {}
export type LlmEndpoint = LlmOptions['endpoints'][number]

/** What of the options can change a decision, for the hash of the configuration: no keys, and not where answers are recorded. */
export function llmView(options: LlmOptions): Readonly<Record<string, unknown>> {
  const { mode, endpoints, deadlineMs, budget, breaker } = options
  if (mode === 'off') return { mode }
  const seen = endpoints.map(({ apiKey: _, apiKeyEnv: __, ...rest }) => rest)
  return { mode, endpoints: seen, deadlineMs, budget, breaker }
}

/**
 * Puts keys in the place of the environment variables that name them. For programs: the advisor itself reads no environment.
 *
 * @param lookup The value of a variable, `(name) => process.env[name]`.
 * @throws BarfinexError `options.invalid` when a variable is not set.
 */
export function resolveApiKeys(
  options: z.input<typeof llmOptions>,
  lookup: (name: string) => string | undefined,
): z.input<typeof llmOptions> {
  const endpoints = options.endpoints?.map(({ apiKeyEnv, ...rest }) => {
    if (apiKeyEnv === undefined) return rest
    const apiKey = lookup(apiKeyEnv)
    if (apiKey === undefined || apiKey === '') {
      throw new BarfinexError(
        'options.invalid',
        `The environment variable ${apiKeyEnv} is not set. Set it to the key of ${rest.model}, or leave apiKeyEnv out.`,
      )
    }
    return { ...rest, apiKey }
  })
  return endpoints === undefined ? options : { ...options, endpoints }
}
