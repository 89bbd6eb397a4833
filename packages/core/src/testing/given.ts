import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import type { flow } from '../flow/map.js'
import { aCalibration, aDecision, anIntent } from './given-decision.js'
import { aBookChange, aCandle, aFeed, anInstrument, aQuote, aTrade, newYear } from './given-market.js'
import { aFill, anAccount, anOrderCommand, anOrderEvent } from './given-order.js'
import { aHeartbeat, anOperatorCommand, aServiceStatus } from './given-service.js'
import { anEvaluation, aSignal, aStrategyState } from './given-signal.js'
import { anAct, anIncident, anOutcome, aProtection, aRiskState, aTradingState, aVerdict } from './given-verdict.js'

type PayloadOf<C> = C extends Channel<infer Payload> ? Payload : never

/** A valid message for every channel of the flow map, by the channel's name there. */
export const givens: { readonly [Name in keyof typeof flow]: () => PayloadOf<(typeof flow)[Name]> } = {
  instrument: () => anInstrument(),
  trade: () => aTrade(),
  quote: () => aQuote(),
  book: () => aBookChange(),
  formingCandle: () => aCandle({ isFinal: false }),
  candle: () => aCandle(),
  feed: () => aFeed(),
  evaluation: () => anEvaluation(),
  signal: () => aSignal(),
  strategyState: () => aStrategyState(),
  decision: () => aDecision(),
  intent: () => anIntent(),
  calibration: () => aCalibration(),
  verdict: () => aVerdict(),
  act: () => anAct(),
  tradingState: () => aTradingState(),
  protection: () => aProtection(),
  riskState: () => aRiskState(),
  outcome: () => anOutcome(),
  incident: () => anIncident(),
  orderCommand: () => anOrderCommand(),
  orderEvent: () => anOrderEvent(),
  fill: () => aFill(),
  account: () => anAccount(),
  operatorCommand: () => anOperatorCommand(),
  serviceStatus: () => aServiceStatus(),
  heartbeat: () => aHeartbeat(),
}

/** A message as a bus would hand it over. Ids follow from the payload; give `id` and `correlationId` to make trails. */
export function anEnvelope<Payload>(
  channel: Channel<Payload>,
  payload: Payload,
  overrides: Partial<Envelope<Payload>> = {},
): Envelope<Payload> {
  const key = channel.keyOf(payload)
  const seq = overrides.seq ?? 0
  const id = channel.idOf === null ? `${channel.name}:${key}:0.${seq}` : `${channel.name}:${channel.idOf(payload)}`
  return {
    id,
    type: channel.name,
    version: channel.version,
    source: 'test',
    key,
    seq,
    epoch: 0,
    occurredAt: newYear,
    correlationId: overrides.id ?? id,
    causationId: overrides.id ?? id,
    payload,
    ...overrides,
  }
}
