import type { AccountState, CommandRequest, OrderEvent, PositionState } from '@barfinex/core/browser'
import type { StudioView } from './view-fold.js'

/** What the account would feel of a command, judged by what is known now. */
export interface CommandEffect {
  /** State of trading before and after; `null` where the command does not touch it. */
  readonly tradingState: { readonly before: string; readonly after: string } | null
  /** Positions that would be left by market. */
  readonly closes: readonly PositionState[]
  /** Working orders that would be canceled. */
  readonly cancels: readonly OrderEvent[]
  /** The same in sentences. */
  readonly lines: readonly string[]
}

const stateAfter: Partial<Record<CommandRequest['type'], string>> = {
  kill: 'halted',
  halt: 'halted',
  reduceOnly: 'reduceOnly',
  resume: 'active',
}

const meaning: Readonly<Record<CommandRequest['type'], string>> = {
  kill: 'Trading halts and every working entry order is canceled. Positions stay, with their protection, unless this desk is set to leave them on a kill (`onKill`).',
  halt: 'Nothing passes but cancels and protective orders. Positions and working orders stay.',
  reduceOnly: 'No order that adds risk passes. Positions and working orders stay.',
  resume: 'Entries are possible again, within the limits.',
  closeAll: 'Every position is left by market, and every working entry order is canceled.',
  closePosition: 'The position is left by market.',
  cancelOrder: 'The order is taken back.',
  cancelEntries: 'Every working entry order is taken back. Protective orders stay.',
  releaseStrategy: 'The strategy takes part again.',
}

/** Tells before an act what it would do. The desk may have moved on when it is obeyed: Inspector decides by what it knows then. */
export function effectOf(request: CommandRequest, view: StudioView, account: string): CommandEffect {
  const { type } = request
  const ledger = view.accounts.find((it: AccountState) => it.account === (request.account ?? account))
  const before = view.tradingStates.find((it) => it.account === (request.account ?? account))?.state ?? 'unknown'
  const after = stateAfter[type]
  const closes = (ledger?.positions ?? []).filter(
    (it) => it.side !== 'flat' && (type === 'closeAll' || (type === 'closePosition' && it.symbol === request.symbol)),
  )
  const cancels = (ledger?.openOrders ?? []).filter(
    (it) =>
      (it.purpose === 'entry' && (type === 'kill' || type === 'closeAll' || type === 'cancelEntries')) ||
      (type === 'cancelOrder' && it.clientOrderId === request.clientOrderId),
  )
  const lines = [meaning[type]]
  if (after !== undefined) lines.push(`Trading state: ${before} → ${after}.`)
  for (const it of closes) lines.push(`Leaves ${it.side} ${it.quantity} ${it.symbol}.`)
  for (const it of cancels) lines.push(`Cancels ${it.side} ${it.quantity} ${it.symbol} (${it.purpose}).`)
  if (ledger === undefined) lines.push('The account is not known yet: more may be affected than is shown.')
  else if (!ledger.known) lines.push('The account is not known for certain: more may be affected than is shown.')
  return { tradingState: after === undefined ? null : { before, after }, closes, cancels, lines }
}
