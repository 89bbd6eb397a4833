import type { Envelope } from '../bus/envelope.js'
import type { Evaluation } from '../flow/2-signal.js'
import type { Decision } from '../flow/3-decision.js'
import type { Verdict } from '../flow/4-verdict.js'
import type { Reason } from '../flow/primitives.js'
import type { Journal } from './journal.js'

/** One message of a trail, with a sentence about it. */
export interface TrailStep {
  /** Distance from what was asked about: below zero what led to it, above zero what came of it. */
  readonly distance: number
  readonly envelope: Envelope
  readonly text: string
}

/** Why something happened, or why it did not. */
export interface Explanation {
  readonly id: string
  /** The market event or command at the root. */
  readonly root: string
  /** Causes first, then the message itself, then its effects in the order in which they happened. */
  readonly trail: readonly TrailStep[]
  /** The same for people. */
  readonly text: string
}

/** Payload members by which a message is known beside its envelope id, in order of preference. */
const names = [
  'signalId',
  'decisionId',
  'intentId',
  'verdictId',
  'commandId',
  'fillId',
  'outcomeId',
  'actId',
  'incidentId',
] as const

/** Whose own name each member is: an intent's id also stands in its fills, but it is the intent that is meant. */
const homes: Readonly<Record<string, string>> = {
  signalId: 'detector.signal',
  decisionId: 'advisor.decision',
  intentId: 'advisor.intent',
  verdictId: 'inspector.verdict',
  fillId: 'order.fill',
  outcomeId: 'inspector.outcome',
  actId: 'inspector.act',
  incidentId: 'inspector.incident',
}

/**
 * Walks the trail of one message both ways: up to the market event that started it, down to the fills and the outcome.
 *
 * `id` is an envelope's id, or the id of a signal, decision, intent, verdict, order (client order id), fill or outcome; or a
 * moment, `BTC/USDT@2024-01-01T12:05:00Z` (or with a strategy's name before it, `ema-pullback@BTC/USDT@…`), answered with what
 * every strategy said about the candle of that moment. `null` when the journal knows nothing of it.
 *
 * Reads the journal twice and keeps only messages of the one trail in memory.
 */
export async function explain(journal: Journal, id: string): Promise<Explanation | null> {
  const moment = readMoment(id)
  if (moment !== null) return explainMoment(journal, id, moment)
  let asked: Envelope | null = null
  for await (const envelope of journal.read()) {
    if (!isCalled(envelope, id)) continue
    asked = envelope
    break
  }
  if (asked === null) return null
  const related: Envelope[] = []
  for await (const envelope of journal.read()) {
    if (envelope.correlationId === asked.correlationId) related.push(envelope)
  }
  const trail = trailOf(asked, related)
  return { id, root: asked.correlationId, trail, text: render(asked.correlationId, trail) }
}

function isCalled(envelope: Envelope, id: string): boolean {
  if (envelope.id === id) return true
  const payload = envelope.payload as Readonly<Record<string, unknown>>
  if (envelope.type === 'order.command' || envelope.type === 'order.event') {
    const order = payload['order'] as { clientOrderId?: string } | undefined
    if ((order?.clientOrderId ?? payload['clientOrderId']) === id) return true
  }
  return names.some((name) => payload[name] === id && (homes[name] ?? envelope.type) === envelope.type)
}

function trailOf(asked: Envelope, related: readonly Envelope[]): readonly TrailStep[] {
  const byId = new Map(related.map((it) => [it.id, it]))
  const distances = new Map<string, number>([[asked.id, 0]])
  let up: Envelope | undefined = asked
  for (let distance = -1; up !== undefined && up.causationId !== up.id; distance -= 1) {
    up = byId.get(up.causationId)
    if (up === undefined || distances.has(up.id)) break
    distances.set(up.id, distance)
  }
  // The journal is in kernel order: a cause always stands before its effects.
  for (const it of related) {
    const cause = distances.get(it.causationId)
    if (!distances.has(it.id) && cause !== undefined && cause >= 0) distances.set(it.id, cause + 1)
  }
  return related.flatMap((envelope) => {
    const distance = distances.get(envelope.id)
    return distance === undefined ? [] : [{ distance, envelope, text: describe(envelope) }]
  })
}

interface Moment {
  readonly strategyId: string | null
  readonly symbol: string
  readonly at: number
}

function readMoment(id: string): Moment | null {
  const match = /^(?:([A-Za-z][\w-]*)@)?([A-Z0-9]+\/[A-Z0-9:-]+)@([\dT:.Z +-]+)$/.exec(id)
  if (match === null) return null
  const text = match[3] as string
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isFinite(at) ? { strategyId: match[1] ?? null, symbol: match[2] as string, at } : null
}

/** The newest evaluation of each strategy that had been made by the moment. */
async function explainMoment(journal: Journal, id: string, moment: Moment): Promise<Explanation | null> {
  const newest = new Map<string, Envelope>()
  for await (const envelope of journal.read()) {
    if (envelope.type !== 'detector.evaluation' || envelope.occurredAt > moment.at) continue
    const evaluation = envelope.payload as Evaluation
    if (evaluation.symbol !== moment.symbol) continue
    if (moment.strategyId !== null && evaluation.strategyId !== moment.strategyId) continue
    newest.set(evaluation.strategyId, envelope)
  }
  if (newest.size === 0) return null
  const trail = [...newest.values()].map((envelope) => ({ distance: 0, envelope, text: describe(envelope) }))
  return { id, root: id, trail, text: trail.map((it) => it.text).join('\n\n') }
}

function render(root: string, trail: readonly TrailStep[]): string {
  const lines = trail.map((it) => {
    const mark = it.distance === 0 ? '=>' : it.distance < 0 ? '  ' : '  '.repeat(Math.min(it.distance, 8) + 1)
    const indent = ' '.repeat(mark.length + 25)
    return `${mark} ${new Date(it.envelope.occurredAt).toISOString()} ${it.text.split('\n').join(`\n${indent}`)}`
  })
  return `Root: ${root}\n${lines.join('\n')}`
}

function describe(envelope: Envelope): string {
  const payload = envelope.payload as Readonly<Record<string, unknown>>
  switch (envelope.type) {
    case 'detector.evaluation':
      return describeEvaluation(envelope.payload as Evaluation)
    case 'advisor.decision':
      return describeDecision(envelope.payload as Decision)
    case 'inspector.verdict':
      return describeVerdict(envelope.payload as Verdict)
    default:
      return `${envelope.type} ${describePlain(payload)}`
  }
}

function describeEvaluation(it: Evaluation): string {
  const rules = it.rules.map((rule) => {
    const value = rule.value === null ? 'unknown' : Number(rule.value.toPrecision(6))
    return `  ${rule.fired ? 'fired' : 'not  '} ${rule.direction} ${rule.id} (weight ${rule.weight}, value ${value})`
  })
  const head = `${it.strategyId} on ${it.symbol} ${it.timeframe}: long ${it.longScore} of ${it.longThreshold ?? '-'}, short ${it.shortScore} of ${it.shortThreshold ?? '-'}${it.signalId === null ? ', no signal' : `, signal ${it.signalId}`}`
  return [head, ...rules, ...sentences(it.reasons)].join('\n')
}

function describeDecision(it: Decision): string {
  const stages = it.stages.map((stage) => {
    const codes = stage.reasons.map((reason) => reason.code).join(', ')
    return `  ${stage.stage} ${stage.name}: ${stage.status}${codes === '' ? '' : ` (${codes})`}`
  })
  return [`decision ${it.decisionId}: ${it.outcome}`, ...stages, ...sentences(it.reasons)].join('\n')
}

function describeVerdict(it: Verdict): string {
  const order = it.order === null ? 'no order' : `${it.order.side} ${it.order.quantity} ${it.symbol}`
  return [`verdict ${it.type}: ${it.purpose}, ${order}`, ...sentences(it.reasons)].join('\n')
}

function sentences(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((it) => `  because ${it.code}: ${it.message}`)
}

/** Scalars of a payload, the telling ones first. */
function describePlain(payload: Readonly<Record<string, unknown>>): string {
  const order = payload['order'] as Readonly<Record<string, unknown>> | undefined
  const shown = [
    'type',
    'state',
    'purpose',
    'side',
    'direction',
    'symbol',
    'quantity',
    'filledQuantity',
    'price',
    'limitPrice',
    'triggerPrice',
    'clientOrderId',
    'netPnl',
    'exitReason',
  ]
  const from = { ...payload, ...order }
  const parts = shown.flatMap((name) => {
    const value = from[name]
    return value === undefined || value === null ? [] : [`${name} ${String(value)}`]
  })
  const reason = payload['reason'] as Reason | null | undefined
  return `${parts.join(', ')}${reason === null || reason === undefined ? '' : `, because ${reason.code}: ${reason.message}`}`
}
