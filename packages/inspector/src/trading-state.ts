import type { Act, OperatorCommand, Reason, TradingState } from '@barfinex/core'

/** A policy's hold on new risk. */
export interface Hold {
  readonly reason: Reason
  readonly since: number
  /** Ends by itself then; `null` until a named operator resumes. */
  readonly until: number | null
}

/** Everything that decides what kind of order may pass: what an operator said last, and the holds of policies. */
export interface TradingControl {
  readonly operator: TradingState['state']
  readonly operatorReason: Reason | null
  readonly operatorName: string | null
  readonly since: number
  /** By the code of the policy. */
  readonly holds: ReadonlyMap<string, Hold>
}

export function freeTrading(since: number): TradingControl {
  return { operator: 'active', operatorReason: null, operatorName: null, since, holds: new Map() }
}

/** Halted beats reduceOnly beats active; a policy can forbid new risk, but only an operator halts and only one lifts a halt. */
export function stateOf(control: TradingControl): TradingState['state'] {
  if (control.operator === 'active' && control.holds.size > 0) return 'reduceOnly'
  return control.operator
}

/** Folds what a person asked for. Commands that are not about the trading state change nothing. */
export function withOperator(control: TradingControl, command: OperatorCommand, at: number): TradingControl {
  const operatorName = command.by
  const operatorReason: Reason = {
    code: `inspector.operator.${codeWords[command.type] ?? 'other'}`,
    message: `${command.by}: ${command.why}`.slice(0, 500),
  }
  switch (command.type) {
    case 'kill':
    case 'halt':
      return { ...control, operator: 'halted', operatorReason, operatorName, since: at }
    case 'reduceOnly':
      // Asking for less than a halt does not lift it.
      if (control.operator === 'halted') return control
      return { ...control, operator: 'reduceOnly', operatorReason, operatorName, since: at }
    case 'resume':
      return { operator: 'active', operatorReason, operatorName, since: at, holds: new Map() }
    default:
      return control
  }
}

/** Acts that only repeat what an operator said: the command itself has been folded. */
const operatorPrefix = 'inspector.operator.'

/** Folds an act of Inspector: a hold begins with `standDown` and `closeAll`, and ends with `resume` under the same code. */
export function withAct(control: TradingControl, act: Act): TradingControl {
  if (act.type === 'throttle' || act.reason.code.startsWith(operatorPrefix)) return control
  const holds = new Map(control.holds)
  if (act.type === 'resume') holds.delete(act.reason.code)
  else holds.set(act.reason.code, { reason: act.reason, since: act.decidedAt, until: act.until })
  return { ...control, holds, since: act.decidedAt }
}

/** Codes of the holds that have ended by themselves. */
export function endedHolds(control: TradingControl, now: number): readonly (readonly [code: string, hold: Hold])[] {
  return [...control.holds].filter(([, { until }]) => until !== null && now >= until)
}

/** As a message. */
export function tradingStateMessage(control: TradingControl, account: string): TradingState {
  const { operator, operatorName, operatorReason, holds, since } = control
  const hold = operator === 'active' ? [...holds.values()][0] : undefined
  const setBy = hold !== undefined ? 'policy' : operatorName === null ? 'restart' : `operator:${operatorName}`
  return {
    account,
    state: stateOf(control),
    reason: hold?.reason ?? operatorReason,
    setBy: setBy.slice(0, 160),
    since,
  }
}

const codeWords: Readonly<Partial<Record<OperatorCommand['type'], string>>> = {
  kill: 'kill',
  halt: 'halt',
  reduceOnly: 'reduce-only',
  resume: 'resume',
}
