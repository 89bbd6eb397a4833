import { type Act, type CancelTask, type Cause, derivedId, type Reason, type RiskState, schemas } from '@barfinex/core'
import type { Context } from './context.js'
import type { Alarm, Policy } from './policy.js'
import { endedHolds, tradingStateMessage } from './trading-state.js'
import { nextUtcDay } from './utc-day.js'

/** Keeps the trading state: raises the alarms of policies, ends their holds, and says where the account stands. */
export interface Governor {
  /** Asks every policy whether something wider than one order is due. */
  watch(cause: Cause | undefined): void
  /** Stands down until a named operator resumes. */
  standDown(reason: Reason, cause: Cause | undefined): void
  act(type: Act['type'], reason: Reason, until: number | null, cause: Cause | undefined): void
  publishState(cause: Cause | undefined): void
  /** Says where the account stands, if that is news. Prices alone are said at most once a second, unless `atOnce`. */
  publishRisk(cause: Cause | undefined, atOnce?: boolean): void
  start(): void
  stop(): void
}

const everyMs = 1_000
const minuteMs = 60_000

/** Members of the risk state that make it news, and those that are said at once. */
const members = (Object.keys(schemas.riskState.shape) as (keyof RiskState)[]).filter((name) => name !== 'asOf')
const urgent = ['openPositionCount', 'reservedQuote', 'losingStreak', 'dayStartEquityQuote'] as const

function differ(names: readonly (keyof RiskState)[], one: RiskState, other: RiskState): boolean {
  return names.some((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
}

/** What follows from an act beside saying so. */
export interface Consequences {
  /** New risk has ended: entries that still work are taken back. */
  readonly standDown: (cause: Cause | undefined) => void
  /** Every lot is to be left. */
  readonly closeAll: () => void
}

export function createGovernor(context: Context, consequences: Consequences): Governor {
  const { memory, outbox, runtime, settings } = context
  const { clock } = runtime
  const watching = settings.policies.filter((policy: Policy) => policy.watch !== undefined)
  const timers = new Set<CancelTask>()
  let holdTimer: CancelTask | null = null
  let lastRisk: RiskState | null = null

  function publishState(cause: Cause | undefined): void {
    outbox.tradingState(tradingStateMessage(memory.control, context.accountId), cause)
  }

  function publishRisk(cause: Cause | undefined, atOnce = false): void {
    const now = clock.now()
    const risk = memory.risk.message(context.accountId, context.exposure(), now)
    if (risk === null) return
    const dust = memory.dust.message()
    const message = dust === undefined ? risk : { ...risk, dust }
    if (lastRisk !== null) {
      const mayWait = !atOnce && now < lastRisk.asOf + everyMs
      if (!differ(mayWait ? urgent : members, message, lastRisk)) return
    }
    lastRisk = message
    outbox.risk(message, cause)
  }

  function act(type: Act['type'], reason: Reason, until: number | null, cause: Cause | undefined): void {
    const now = clock.now()
    const actId = derivedId('act', type, reason.code, String(now))
    const message: Act = { actId, type, symbol: null, strategyId: null, reason, until, decidedAt: now }
    memory.learnAct(message)
    outbox.act(message, cause)
    if (type === 'standDown' || type === 'closeAll') consequences.standDown(cause)
    if (type === 'closeAll') consequences.closeAll()
    if (type !== 'throttle') publishState(cause)
    armHolds()
  }

  function raise(policy: Policy, alarm: Alarm, cause: Cause | undefined): void {
    const { type, until, limit, observed, message } = alarm
    const { code } = policy
    const now = clock.now()
    if (type === 'throttle' ? (memory.throttles.get(code) ?? 0) > now : memory.control.holds.has(code)) return
    const reason: Reason = { code, message: message.slice(0, 500), limit, observed }
    if (type !== 'throttle') outbox.incident('warning', reason, null, cause)
    act(type, reason, until, cause)
  }

  /** Holds that have an end are lifted when it comes. */
  function armHolds(): void {
    holdTimer?.()
    const ends = [...memory.control.holds.values()].flatMap(({ until }) => (until === null ? [] : [until]))
    const next = Math.min(...ends)
    holdTimer = Number.isFinite(next) ? clock.schedule(Math.max(next, clock.now()), endHolds) : null
  }

  function endHolds(): void {
    // A day's limit is measured anew before the hold of the old day is lifted.
    memory.risk.turnDay(clock.now())
    for (const [code, { reason }] of endedHolds(memory.control, clock.now())) {
      act('resume', { code, message: `Over: ${reason.message}`.slice(0, 500) }, null, undefined)
    }
    watch(undefined)
    armHolds()
  }

  function watch(cause: Cause | undefined): void {
    const watched = { now: clock.now(), risk: memory.risk.view, recent: memory.recent }
    for (const policy of watching) {
      let alarm: Alarm | null = null
      try {
        alarm = policy.watch?.(watched) ?? null
      } catch {
        // Without its inputs a policy raises no alarm; it denies every entry meanwhile.
      }
      if (alarm !== null) raise(policy, alarm, cause)
    }
  }

  function turnDay(): void {
    memory.risk.turnDay(clock.now())
    publishRisk(undefined)
    watch(undefined)
    armDay()
  }

  function armDay(): void {
    const cancel = clock.schedule(nextUtcDay(clock.now()), () => {
      timers.delete(cancel)
      turnDay()
    })
    timers.add(cancel)
  }

  return {
    watch,
    act,
    standDown(reason, cause) {
      if (!memory.control.holds.has(reason.code)) act('standDown', reason, null, cause)
    },
    publishState,
    publishRisk,
    start() {
      memory.risk.turnDay(clock.now())
      publishState(undefined)
      armHolds()
      armDay()
      timers.add(clock.every(minuteMs, () => publishRisk(undefined)))
    },
    stop() {
      holdTimer?.()
      for (const cancel of timers) cancel()
      timers.clear()
    },
  }
}
