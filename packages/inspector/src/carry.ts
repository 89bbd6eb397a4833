import {
  type Act,
  type Envelope,
  type ExecutionIntent,
  flow,
  type Incident,
  type OperatorCommand,
  type TradeOutcome,
} from '@barfinex/core'
import { type Carry, carriedMs, lastSaidAt } from '@barfinex/core/daemon'
import { openSince } from './open-since.js'
import { dustCode } from './protect/dust.js'
import { mismatchCode, trimCode } from './write-off.js'

const wanted: ReadonlySet<string> = new Set([
  flow.intent.name,
  flow.verdict.name,
  flow.orderCommand.name,
  flow.orderEvent.name,
  flow.fill.name,
  flow.outcome.name,
  flow.incident.name,
  flow.act.name,
  flow.operatorCommand.name,
  flow.riskState.name,
])

/** Of these only what Inspector itself has said counts. */
const ownOnly: ReadonlySet<string> = new Set([flow.orderCommand.name, flow.incident.name])

const tellingCodes: ReadonlySet<string> = new Set([mismatchCode, trimCode, dustCode])

/** Of incidents only those that tell what became of lots change what is known. */
function isMereNews({ type, payload }: Envelope): boolean {
  return type === flow.incident.name && !tellingCodes.has((payload as Incident).reason.code)
}

/**
 * What Inspector goes on from. Of a symbol everything since the trades and orders began that are open or ended within the week; of
 * outcomes those that the streak of losses counts; where the account stood last; every act and everything people ordered, but for
 * throttles that have ended; and the last week whole.
 */
export const carry = (keptMs = carriedMs): Carry => ({
  version: 1,
  wants: (it) => wanted.has(it.type) && (!ownOnly.has(it.type) || it.source === 'inspector') && !isMereNews(it),
  prune(past) {
    const since = lastSaidAt(past, 'inspector') - keptMs
    const { places, startOf } = openSince(past, since)
    const risk = riskPlaces(past, [...places.values()])
    const lastGain = past.findLastIndex((it) => resultOf(it) >= 0)
    const lastLoss = past.findLastIndex((it) => resultOf(it) < 0)
    const isOpen = (symbol: string, place: number) => place >= (places.get(symbol) ?? Number.POSITIVE_INFINITY)

    return past.filter(({ type, occurredAt, payload }, place) => {
      if (type === flow.riskState.name) return risk.has(place)
      if (occurredAt > since) return true
      switch (type) {
        case flow.operatorCommand.name:
          return true
        case flow.act.name:
          return (payload as Act).type !== 'throttle' || ((payload as Act).until ?? 0) > since
        case flow.outcome.name:
          return place >= lastGain || place === lastLoss || isOpen((payload as TradeOutcome).symbol, place)
        case flow.intent.name: {
          const { intentId, symbol } = payload as ExecutionIntent
          return isOpen(symbol, startOf(intentId) ?? -1)
        }
        default:
          return isOpen(symbolOf(payload), place)
      }
    })
  },
})

function symbolOf(payload: unknown): string {
  const { symbol, order } = payload as { readonly symbol?: string; readonly order?: { readonly symbol: string } }
  return symbol ?? order?.symbol ?? ''
}

function resultOf({ type, payload }: Envelope): number {
  return type === flow.outcome.name ? Number((payload as TradeOutcome).netPnl) : Number.NaN
}

/** Of the account's states: the last one, those from which a resume took its peak, and what had been left when a kept trade began. */
function riskPlaces(past: readonly Envelope[], starts: readonly number[]): ReadonlySet<number> {
  const places = new Set<number>()
  const last = new Map<string, number>()
  for (const [place, { type, payload }] of past.entries()) {
    if (starts.includes(place)) for (const it of last.values()) places.add(it)
    if (type === flow.riskState.name) last.set((payload as { readonly account: string }).account, place)
    else if (type === flow.operatorCommand.name && (payload as OperatorCommand).type === 'resume') {
      for (const it of last.values()) places.add(it)
    }
  }
  for (const it of last.values()) places.add(it)
  return places
}
