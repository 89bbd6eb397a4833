import { type Cause, type Envelope, flow, type Incident, type OperatorCommand, type OrderEvent } from '@barfinex/core'

/** Commands that Provider may carry out without an approval: they cancel and reduce. */
export const operatorActs: ReadonlySet<OperatorCommand['type']> = new Set([
  'kill',
  'closeAll',
  'closePosition',
  'cancelEntries',
  'cancelOrder',
])

/** The code of the incident that says that Provider has taken a command over. */
export const takenOver = 'order.last-resort.operator'

/** A command of a person as a journal remembers it. */
export interface RememberedAct {
  readonly command: OperatorCommand
  readonly cause: Cause
  /** When Provider took it over; `null` when it did not. */
  takenAt: number | null
  /** Symbols an entry went out in since: the command is done with there. */
  readonly settled: Set<string>
}

const remembered = 200

/** Finds in a journal what people have ordered and Provider may have to finish. */
export class OperatorActs {
  private readonly byEnvelope = new Map<string, RememberedAct>()

  constructor(private readonly account: string) {}

  get all(): readonly RememberedAct[] {
    return [...this.byEnvelope.values()]
  }

  learn(envelope: Envelope): void {
    if (envelope.type === flow.operatorCommand.name) this.learnCommand(envelope as Envelope<OperatorCommand>)
    else if (envelope.type === flow.incident.name && envelope.source === 'provider') {
      const act = this.byEnvelope.get(envelope.causationId)
      const { reason } = envelope.payload as Incident
      if (act !== undefined && reason.code === takenOver) act.takenAt ??= envelope.occurredAt
    } else if (envelope.type === flow.orderEvent.name) {
      const { account, purpose, state, symbol } = envelope.payload as OrderEvent
      if (account !== this.account || purpose !== 'entry' || state !== 'submitted') return
      for (const { settled } of this.byEnvelope.values()) settled.add(symbol)
    }
  }

  private learnCommand({ id, correlationId, payload }: Envelope<OperatorCommand>): void {
    if (payload.account !== this.account) return
    // A person who lets trading go on has done with what was ordered before.
    if (payload.type === 'resume') this.byEnvelope.clear()
    if (!operatorActs.has(payload.type)) return
    this.byEnvelope.set(id, { command: payload, cause: { id, correlationId }, takenAt: null, settled: new Set() })
    if (this.byEnvelope.size <= remembered) return
    for (const oldest of this.byEnvelope.keys()) {
      this.byEnvelope.delete(oldest)
      break
    }
  }
}
