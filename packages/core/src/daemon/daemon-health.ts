import type { Reason } from '../flow/primitives.js'
import type { Parts } from './daemon-life.js'
import type { DaemonPlan } from './daemon-plan.js'
import type { DaemonHealth } from './probe-server.js'
import type { DaemonSettings } from './read-settings.js'

/** States in which a service does its part. An Inspector or Provider that does not know the account lets nothing be opened. */
const accountUnknown = /account|reconcile/

/** What a daemon can say of itself now. */
export function healthOf(plan: DaemonPlan, { daemon }: DaemonSettings, parts: Parts): DaemonHealth {
  const { phase, journal, lease, bus, watch, service } = parts
  const status = service?.status() ?? null
  const busHealth = bus?.health() ?? null
  const reasons: Reason[] = []
  const report = (code: string, message: string) => reasons.push({ code, message })
  if (phase !== 'running') report('daemon.not-running', `${plan.service} is ${phase}.`)
  if (busHealth?.connected !== true) report('bus.unavailable', 'The bus is not connected.')
  if (lease !== null && !lease.isHeld()) report('lease.lost', 'The lease is not held.')
  const fault = journal?.fault ?? null
  if (fault !== null && lease?.isHeld() === true) report('journal.write-failed', 'The journal cannot be written.')
  if (watch !== null && !watch.isThere) report('service.not-ready', 'Provider shows no sign of life.')
  if (status !== null && phase === 'running') {
    const isUp = status.state === 'ready' || (status.state === 'degraded' && !accountUnknown.test(status.code))
    if (!isUp) report(status.code, status.message)
  }
  return {
    service: plan.service,
    instance: daemon.instance,
    epoch: lease?.epoch ?? 0,
    phase,
    status: status === null ? null : { state: status.state, code: status.code, message: status.message },
    ready: reasons.length === 0,
    reasons,
    bus:
      busHealth === null
        ? null
        : {
            connected: busHealth.connected,
            queued: busHealth.queuedCount,
            dropped: Object.values(busHealth.droppedCount).reduce((sum, count) => sum + count, 0),
            deadLetters: busHealth.deadLetterCount,
          },
    journalCount: journal?.count ?? 0,
  }
}
