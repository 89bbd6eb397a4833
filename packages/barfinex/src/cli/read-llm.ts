import { BarfinexError } from '@barfinex/core'
import { cassetteOf, type Manifest } from '../run/manifest.js'
import type { OptionRow, ParsedArguments } from './arguments.js'

type Llm = NonNullable<Manifest['llm']>

/** How a language model is named on the command line. */
export const llmRows: readonly OptionRow[] = [
  {
    name: 'llm',
    value: 'URL',
    help: 'lets a language model veto or shrink trades: an OpenAI-compatible address with its version',
  },
  {
    name: 'llm-model',
    value: 'NAME',
    help: 'its name; the key is read from BARFINEX_LLM_API_KEY where it needs one',
  },
  { name: 'llm-mode', value: 'MODE', help: 'shadow, veto (default) or require' },
]

/** The language model that is to take part, or `null`. */
export function readLlm(args: ParsedArguments): Llm | null {
  const baseUrl = args.text('llm')
  const model = args.text('llm-model')
  const mode = args.text('llm-mode') ?? 'veto'
  if (baseUrl === undefined && model === undefined && args.text('llm-mode') === undefined) return null
  if (baseUrl === undefined || model === undefined) {
    throw new BarfinexError(
      'options.invalid',
      'A language model needs both --llm URL and --llm-model NAME; --llm-mode says what it may do.',
    )
  }
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
    throw new BarfinexError(
      'options.invalid',
      `--llm takes an address with its version, such as http://127.0.0.1:11434/v1, not "${baseUrl}".`,
    )
  }
  if (mode === 'shadow' || mode === 'veto' || mode === 'require') return { baseUrl, model, mode }
  throw new BarfinexError('options.invalid', `--llm-mode takes shadow, veto or require, not "${mode}".`)
}

/** With a journal the answers are recorded beside it, so that the run can be replayed without the model. */
export function callingLlm({ baseUrl, model, mode }: Llm, directory: string | undefined) {
  const apiKey = process.env['BARFINEX_LLM_API_KEY']
  return {
    mode,
    endpoints: [{ baseUrl, model, ...(apiKey === undefined || apiKey === '' ? {} : { apiKey }) }],
    // Who names an address on the command line wants it called, also from a market on a virtual clock.
    allowLive: true,
    ...(directory === undefined ? {} : { cassette: { file: cassetteOf(directory), mode: 'record' as const } }),
  }
}
