import type { Envelope } from '../bus/envelope.js'
import type { Evaluation } from '../flow/2-signal.js'
import type { Decision, StageRecord } from '../flow/3-decision.js'
import type { Verdict } from '../flow/4-verdict.js'
import type { Reason } from '../flow/primitives.js'

/** A message for people: its first line says what it is, the others why. */
export function describe({ type, payload }: Envelope): string {
  switch (type) {
    case 'detector.evaluation':
      return describeEvaluation(payload as Evaluation)
    case 'advisor.decision':
      return describeDecision(payload as Decision)
    case 'inspector.verdict':
      return describeVerdict(payload as Verdict)
    default:
      return describePlain(type, payload as Readonly<Record<string, unknown>>)
  }
}

/** A line with its instant, and further lines below its text. */
export function timed(mark: string, occurredAt: number, text: string): string {
  const head = `${mark} ${new Date(occurredAt).toISOString()} `
  return head + text.split('\n').join(`\n${' '.repeat(head.length)}`)
}

function describeEvaluation(it: Evaluation): string {
  const outcome = it.signalId === null ? 'no signal' : `signal ${it.signalId}`
  const score = (name: string, value: number, threshold: number | null) =>
    `${name} ${short(value)} of ${threshold === null ? 'none' : short(threshold)}`
  const scores = `${score('long', it.longScore, it.longThreshold)}, ${score('short', it.shortScore, it.shortThreshold)}`
  const rules = it.rules.map(({ id, direction, weight, value, fired }) => {
    const measured = value === null ? 'not warm' : `value ${short(value)}`
    return `  ${fired ? 'fired' : 'quiet'}  ${direction} ${id}: ${measured}, weight ${short(weight)}`
  })
  const vetoes = it.vetoes.map((id) => `  veto   ${id}`)
  const head = `evaluation by ${it.strategyId} of ${it.symbol} ${it.timeframe}: ${outcome}; ${scores}`
  return [head, ...rules, ...vetoes, ...sentences(it.reasons)].join('\n')
}

function describeDecision(it: Decision): string {
  const by = it.rejectedBy === null ? '' : ` by ${it.rejectedBy}`
  return [
    `decision ${it.decisionId}: ${it.outcome}${by}`,
    ...it.stages.map(describeStage),
    ...sentences(it.reasons),
  ].join('\n')
}

function describeStage({ stage, name, status, reasons, measured, limits }: StageRecord): string {
  const codes = reasons.length === 0 ? '' : ` (${reasons.map(({ code }) => code).join(', ')})`
  const held = Object.entries(limits).flatMap(([key, limit]) =>
    status !== 'rejected' || measured[key] === undefined
      ? []
      : [`${key} ${short(measured[key])} against ${short(limit)}`],
  )
  return `  ${stage} ${name}: ${status}${codes}${held.length === 0 ? '' : `, ${held.join(', ')}`}`
}

function describeVerdict(it: Verdict): string {
  const order = it.order === null ? 'no order' : `${it.order.side} ${it.order.quantity} ${it.symbol} ${it.order.type}`
  const policies = it.type === 'approved' ? [`  passed ${it.policies.length} policies`] : []
  return [`verdict ${it.type}: ${it.purpose}, ${order}`, ...policies, ...sentences(it.reasons)].join('\n')
}

function sentences(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((it) => `  because ${sentence(it)}`)
}

function sentence({ code, message, limit, observed }: Reason): string {
  const numbers = [
    limit === undefined ? [] : [`limit ${short(limit)}`],
    observed === undefined ? [] : [`observed ${short(observed)}`],
  ].flat()
  return `${code}: ${message}${numbers.length === 0 ? '' : ` [${numbers.join(', ')}]`}`
}

/** Members that tell most, in the order in which they are told. */
const telling = [
  'type',
  'state',
  'severity',
  'purpose',
  'side',
  'direction',
  'quantity',
  'filledQuantity',
  'symbol',
  'price',
  'limitPrice',
  'triggerPrice',
  'stopPrice',
  'targetPrice',
  'rewardToRisk',
  'score',
  'clientOrderId',
  'netPnl',
  'resultR',
  'exitReason',
  'by',
  'why',
] as const

function describePlain(type: string, payload: Readonly<Record<string, unknown>>): string {
  const order = payload['order']
  // A command's own type (submit) before its order's (market).
  const from = { ...(typeof order === 'object' ? order : {}), ...payload }
  const parts = telling.flatMap((name) => {
    const value = (from as Readonly<Record<string, unknown>>)[name]
    return value === undefined || value === null ? [] : [`${name} ${short(value)}`]
  })
  const reason = payload['reason'] as Reason | null | undefined
  const why = reason === null || reason === undefined ? [] : sentences([reason])
  return [`${type.split('.').slice(1).join(' ').replaceAll('-', ' ')}: ${parts.join(', ')}`, ...why].join('\n')
}

function short(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value)
}
