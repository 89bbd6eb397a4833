import {
  type Act,
  type Cause,
  derivedId,
  type Envelope,
  flow,
  type Incident,
  type OrderCommand,
  type Protection,
  type Publisher,
  type Reason,
  type RiskState,
  type Runtime,
  type TradeOutcome,
  type TradingState,
  type Verdict,
} from '@barfinex/core'

/** Everything Inspector says, each at the present instant. */
export interface Outbox {
  verdict(verdict: Verdict, cause: Cause | undefined): Envelope<Verdict>
  command(command: OrderCommand, cause: Cause | undefined): void
  act(act: Act, cause: Cause | undefined): void
  tradingState(state: TradingState, cause: Cause | undefined): void
  protection(protection: Protection, cause: Cause | undefined): void
  risk(state: RiskState, cause: Cause | undefined): void
  outcome(outcome: TradeOutcome, cause: Cause | undefined): void
  /** `about` tells incidents of one code and instant apart. */
  incident(
    severity: Incident['severity'],
    reason: Reason,
    symbol: string | null,
    cause: Cause | undefined,
    about?: string,
  ): void
}

export function createOutbox({ bus, clock, epoch }: Pick<Runtime, 'bus' | 'clock' | 'epoch'>): Outbox {
  const say = <Payload>(publisher: Publisher<Payload>, payload: Payload, cause: Cause | undefined) =>
    publisher.publish(payload, cause === undefined ? { occurredAt: clock.now() } : { occurredAt: clock.now(), cause })
  const verdicts = bus.publisher(flow.verdict, 'inspector', epoch)
  const commands = bus.publisher(flow.orderCommand, 'inspector', epoch)
  const acts = bus.publisher(flow.act, 'inspector', epoch)
  const tradingStates = bus.publisher(flow.tradingState, 'inspector', epoch)
  const protections = bus.publisher(flow.protection, 'inspector', epoch)
  const risks = bus.publisher(flow.riskState, 'inspector', epoch)
  const outcomes = bus.publisher(flow.outcome, 'inspector', epoch)
  const incidents = bus.publisher(flow.incident, 'inspector', epoch)
  return {
    verdict: (verdict, cause) => say(verdicts, verdict, cause),
    command: (command, cause) => void say(commands, command, cause),
    act: (act, cause) => void say(acts, act, cause),
    tradingState: (state, cause) => void say(tradingStates, state, cause),
    protection: (protection, cause) => void say(protections, protection, cause),
    risk: (state, cause) => void say(risks, state, cause),
    outcome: (outcome, cause) => void say(outcomes, outcome, cause),
    incident(severity, reason, symbol, cause, about = '') {
      const raisedAt = clock.now()
      const incidentId = derivedId('incident', reason.code, symbol ?? '', about, String(raisedAt))
      say(incidents, { incidentId, severity, reason, symbol, raisedAt }, cause)
    },
  }
}
