import {
  type AccountState,
  type Cause,
  decimal,
  type ExecutionIntent,
  type Order,
  type Runtime,
  type Sealer,
} from '@barfinex/core'
import { type ApprovalTerms, approveCancel, approveOrder, cancelCommand, submitCommand } from './approve.js'
import { exposureFrom } from './exposure.js'
import { limitAmount } from './limit-amount.js'
import { createMarkets, type Markets } from './markets.js'
import { createMemory, type Memory } from './memory.js'
import type { InspectorSettings } from './options.js'
import { createOutbox, type Outbox } from './outbox.js'
import type { ProtectionPlan } from './protect/protection-plan.js'
import type { Exposure, Situation } from './situation.js'
import type { SizingPlan } from './sizing-plan.js'
import type { TrackedOrder } from './tracked-order.js'
import { stateOf } from './trading-state.js'

/** What the parts of one Inspector share: what it knows, what it may say, and the only hand that seals. */
export interface Context {
  readonly runtime: Runtime
  readonly settings: InspectorSettings
  readonly sizing: SizingPlan
  readonly protection: ProtectionPlan
  readonly memory: Memory
  readonly markets: Markets
  readonly outbox: Outbox
  readonly account: AccountState | null
  /** The account guarded; `unknown` before anybody has named one. */
  readonly accountId: string
  /** True for messages of the guarded account. The first account seen is adopted when none was configured. */
  guards(account: string): boolean
  /** Takes a newer account state; false for an older one and for other accounts. */
  learnAccount(account: AccountState): boolean
  exposure(): Exposure
  situationOf(symbol: string, intent: ExecutionIntent | null): Situation
  /** True once another Inspector guards the account. */
  readonly isRetired: boolean
  /** Ends sealing for good: another Inspector guards the account now. */
  retire(): void
  /** Seals and sends an order that was approved. */
  submit(order: Order, cause: Cause): void
  /** Seals and sends the wish to take an order back. */
  cancel(tracked: TrackedOrder, cause: Cause | undefined): void
}

export function createContext(runtime: Runtime, settings: InspectorSettings): Context {
  const { clock, epoch } = runtime
  const sealer: Sealer = runtime.approvals.claimSealer()
  const markets = createMarkets()
  const memory = createMemory(clock.now())
  const outbox = createOutbox(runtime)
  let accountId = settings.account ?? null
  let account: AccountState | null = null
  let isRetired = false

  function terms(): ApprovalTerms {
    const { approvalMs } = settings
    return { sealer, account: accountId ?? 'unknown', epoch, now: clock.now(), lifeMs: approvalMs }
  }

  const context: Context = {
    runtime,
    settings,
    sizing: {
      riskPerTrade: limitAmount(settings.sizing.riskPerTrade, 'sizing.riskPerTrade').value,
      maxNotional: limitAmount(settings.sizing.maxNotional, 'sizing.maxNotional'),
    },
    protection: protectionPlan(settings),
    memory,
    markets,
    outbox,
    get account() {
      return account
    },
    get accountId() {
      return accountId ?? 'unknown'
    },
    guards(id) {
      accountId ??= id
      return id === accountId
    },
    learnAccount(next) {
      if (!context.guards(next.account)) return false
      // A Provider that has started again counts its changes anew; an older state of the same one is late.
      if (account !== null && next.sequence < account.sequence && next.asOf <= account.asOf) return false
      account = next
      return true
    },
    exposure: () =>
      exposureFrom({
        account,
        lots: memory.lots.values(),
        orders: memory.orders.values(),
        rulesOf: markets.rulesOf,
        marketOf: markets.marketOf,
      }),
    situationOf: (symbol, intent) => ({
      now: clock.now(),
      accountId: accountId ?? 'unknown',
      account,
      symbol,
      rules: markets.rulesOf(symbol),
      intent,
      market: markets.marketOf(symbol),
      trading: stateOf(memory.control),
      risk: memory.risk.view,
      exposure: context.exposure(),
      recent: memory.recent,
      maxOrderCount: settings.sizing.maxOrderCount,
      leverage: settings.sizing.leverage,
    }),
    get isRetired() {
      return isRetired
    },
    retire() {
      isRetired = true
    },
    submit(order, cause) {
      if (isRetired) return
      const command = submitCommand(approveOrder(order, terms()), context.accountId)
      memory.learnCommand(command, clock.now())
      outbox.command(command, cause)
    },
    cancel(tracked, cause) {
      if (isRetired) return
      const { clientOrderId, symbol } = tracked.order
      const attempt = tracked.cancelCount
      const approved = approveCancel(clientOrderId, symbol, attempt, terms())
      const command = cancelCommand(approved, attempt, context.accountId)
      memory.learnCommand(command, clock.now())
      outbox.command(command, cause)
    },
  }
  return context
}

function protectionPlan({ protection }: InspectorSettings): ProtectionPlan {
  const { collarBps, exitBeyondCollar, stopRefusals, stopLosses, leaveAfterMs, alarmAfterMs, ...rest } = protection
  return {
    ...rest,
    // Whoever states a shorter bound wants to be told and to be out within it.
    leaveAfterMs: Math.min(leaveAfterMs, rest.nakedBoundMs),
    alarmAfterMs: Math.min(alarmAfterMs, rest.nakedBoundMs),
    collar: decimal('0.0001').times(decimal(String(collarBps))),
    exitBeyondCollar: exitBeyondCollar === 'afterTries',
    maxStopFailures: stopRefusals,
    maxStopLosses: stopLosses,
  }
}
