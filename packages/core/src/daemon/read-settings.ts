import { z } from 'zod'
import { BarfinexError } from '../runtime/error.js'
import { parseOptions } from '../service/parse-options.js'
import { daemonOptions, type ParsedDaemonOptions } from './daemon-options.js'
import type { DaemonPlan, GivenOptions, ReadVariable } from './daemon-plan.js'
import { variablesOf, withEnvironment } from './environment-overrides.js'
import { loadConfig } from './load-config.js'
import { misspeltVariables } from './misspelt-variables.js'
import { readPrivateFile } from './private-file.js'

/** A configuration that has been read. */
export interface DaemonSettings {
  readonly daemon: ParsedDaemonOptions
  /** The service's own options; it parses them itself. */
  readonly options: GivenOptions
  /** `null` for services that serve every account. */
  readonly account: string | null
  readonly redisUrl: string
  /** Values that no line of the log may show. */
  readonly secrets: readonly string[]
  /** What looks like a slip and is no reason not to start. */
  readonly warnings: readonly string[]
}

const section = z.object({ daemon: daemonOptions })
const redisPassword = { what: 'The password of Redis', madeBy: 'barfinex redis DIR' }

/**
 * Reads a file and what the environment says over it; `names` are the variables that are there, for finding misspelt ones. Throws what
 * {@link loadConfig}, {@link parseOptions} and the plan throw.
 */
export async function readSettings(
  plan: DaemonPlan,
  file: string,
  environment: ReadVariable,
  names: readonly string[] = [],
): Promise<DaemonSettings> {
  const warnings = misspeltVariables(names, [...variablesOf(section), ...variablesOf(plan.options)])
  const { daemon: given, ...rest } = await loadConfig(file)
  const common = withEnvironment(section, { daemon: given }, environment)
  if (common['daemon'] === undefined) {
    throw new BarfinexError(
      'config.invalid',
      `${file} has no part "daemon": it says where the bus and the journal are.`,
    )
  }
  const { daemon } = parseOptions(section, common, `barfinex-${plan.service}`)
  const own = withEnvironment(plan.options, rest, environment)
  const options = plan.read === undefined ? own : await plan.read(own, environment)
  const account = plan.isPerAccount ? accountOf(plan, daemon) : (daemon.account ?? null)
  plan.refuse?.(options, daemon)
  return { daemon, options, account, warnings, ...redisOf(daemon, environment) }
}

function accountOf({ service }: DaemonPlan, { account }: ParsedDaemonOptions): string {
  if (account !== undefined) return account
  const message = `${service} has to know which account it serves: an account has one ${service} only. Name it as daemon.account.`
  throw new BarfinexError('config.invalid', message)
}

/** The address with its password: from the environment, or a file that only its owner can read. */
function redisOf(
  { redis }: ParsedDaemonOptions,
  environment: ReadVariable,
): Pick<DaemonSettings, 'redisUrl' | 'secrets'> {
  const url = new URL(redis.url)
  const fromEnvironment = environment('BARFINEX_REDIS_PASSWORD')
  const password =
    fromEnvironment !== undefined && fromEnvironment !== ''
      ? fromEnvironment
      : redis.passwordFile === undefined
        ? ''
        : readPrivateFile(redis.passwordFile, redisPassword, environment).trim()
  if (password !== '') url.password = encodeURIComponent(password)
  const secrets = [password, url.password, decodeURIComponent(url.password)].filter((it) => it !== '')
  return { redisUrl: url.href, secrets }
}
