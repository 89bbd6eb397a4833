import { parseArgs } from 'node:util'
import { BarfinexError } from '../runtime/error.js'
import { version } from '../service/lifeline.js'
import type { DaemonPlan } from './daemon-plan.js'

/** How a daemon was called. */
export interface DaemonCall {
  readonly config: string | undefined
  /** Only reads the configuration and the keys, and says whether they will do. */
  readonly check: boolean
  readonly json: boolean
  readonly help: boolean
  readonly version: boolean
}

const switches = {
  config: { type: 'string' },
  check: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} as const

/** Reads the words of the call. Throws `options.invalid` for words it does not know. */
export function readCall(plan: DaemonPlan, args: readonly string[]): DaemonCall {
  try {
    const { values } = parseArgs({ args: [...args], options: switches, strict: true, allowPositionals: false })
    return { ...values, config: values.config }
  } catch (cause) {
    const what = cause instanceof Error ? (cause.message.split('. ')[0] as string) : String(cause)
    const message = `${what}. The call is: barfinex-${plan.service} --config FILE [--check] [--json].`
    throw new BarfinexError('options.invalid', message, { cause })
  }
}

/** The text of `--help`. */
export function usageOf({ service, help }: DaemonPlan): string {
  return `barfinex-${service} ${version}
  ${help}

  --config FILE   its configuration: *.ts, *.js, *.mjs or *.json
  --check         reads configuration and keys, says whether they will do, and ends
  --json          one JSON object as the last line on standard output
  --version       says the version
  --help          says this

Exit codes: 0 drained, 1 failed, 2 wrong call, configuration or key, 4 lease taken, 5 lease lost, 6 journal, 7 bus lost its memory, 130 interrupted.
BARFINEX_… variables override the configuration: daemon.redis.url is BARFINEX_DAEMON_REDIS_URL.`
}
