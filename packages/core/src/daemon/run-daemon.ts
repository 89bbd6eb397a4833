import { createMemoryBus } from '../bus/memory-bus.js'
import { environmentNames, environmentOf } from '../runtime/environment.js'
import { BarfinexError } from '../runtime/error.js'
import { createLog } from '../runtime/log.js'
import { type ProcessHost, processHost } from '../runtime/process-host.js'
import { version } from '../service/lifeline.js'
import { resolveRuntime } from '../service/resolve-runtime.js'
import { approvalsOf } from './approval-keys.js'
import { type DaemonCall, readCall, usageOf } from './daemon-call.js'
import { DaemonLife } from './daemon-life.js'
import type { DaemonPlan } from './daemon-plan.js'
import { daemonExit, exitCodeOf } from './exit-codes.js'
import { readSettings } from './read-settings.js'

/**
 * Runs one service as a process of its own, from a configuration file, until it is asked to end. Returns the exit code; what it
 * means is in `docs/guides/daemons.md`.
 *
 * @example
 * process.exit(await runDaemon(plan, process.argv.slice(2)))
 */
export async function runDaemon(
  plan: DaemonPlan,
  args: readonly string[],
  host: ProcessHost = processHost(),
): Promise<number> {
  const isJson = args.includes('--json')
  const say = (result: object, text: string): void => {
    if (isJson) host.out(JSON.stringify({ service: plan.service, ...result }))
    else if (text !== '') host.out(text)
  }
  try {
    const call = readCall(plan, args)
    if (call.help) say({ help: plan.help, version }, usageOf(plan))
    else if (call.version) say({ version }, version)
    else {
      const exit = await run(plan, call, host)
      say({ exit }, '')
      return exit
    }
    return daemonExit.drained
  } catch (error) {
    const exit = exitCodeOf(error)
    const code = BarfinexError.is(error) ? error.code : 'unknown'
    const message = error instanceof Error ? error.message : String(error)
    host.err(`${code}: ${message}`)
    say({ exit, error: { code, message } }, '')
    return exit
  }
}

async function run(plan: DaemonPlan, call: DaemonCall, host: ProcessHost): Promise<number> {
  if (call.config === undefined) {
    throw new BarfinexError('options.invalid', `Give the configuration: barfinex-${plan.service} --config FILE.`)
  }
  const settings = await readSettings(plan, call.config, environmentOf, environmentNames())
  const { daemon, secrets, warnings } = settings
  const approvals = approvalsOf(plan.approvals, daemon.approvals)
  const log = createLog({ level: daemon.logLevel, secrets, write: (line) => host.err(line) }).child({
    service: plan.service,
  })
  for (const warning of warnings) log.warn(warning)
  if (call.check) {
    // Made and not started: its options are parsed, nothing is opened.
    const { runtime } = resolveRuntime({ bus: createMemoryBus(), log, approvals })
    plan.create(runtime, settings.options, settings.account)
    await plan.check?.(settings.options)
    log.info('the configuration will do')
    return daemonExit.drained
  }
  return new DaemonLife(plan, settings, approvals, log, host).live()
}
