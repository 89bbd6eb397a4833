import {
  type Approval,
  type Bus,
  type Envelope,
  flow,
  type OperatorCommand,
  type OrderCommand,
  type Unsubscribe,
} from '@barfinex/core'

/** What came into a recorded run from outside, to be given again at its instant. Market time is `at`. */
export type RecordedAct =
  | { readonly at: number; readonly command: OperatorCommand }
  /** `hadSeal`: it carried an approval that Inspector had made in that run. */
  | { readonly at: number; readonly order: OrderCommand; readonly hadSeal: boolean }

/** The acts of a run, in their order: what people commanded, and what the order gateway was sent over HTTP. */
export function actsOf(facts: readonly Envelope[]): readonly RecordedAct[] {
  const seals = new Set(
    facts.flatMap(({ type, source, payload }) =>
      type === flow.orderCommand.name && source !== 'gateway' ? [(payload as OrderCommand).approval?.signature] : [],
    ),
  )
  return facts.flatMap(({ type, source, payload, occurredAt: at }): RecordedAct[] => {
    if (type === flow.operatorCommand.name) return [{ at, command: payload as OperatorCommand }]
    if (type !== flow.orderCommand.name || source !== 'gateway') return []
    const order = payload as OrderCommand
    return [{ at, order, hadSeal: seals.has(order.approval.signature) }]
  })
}

/**
 * Gives recorded acts on a bus. The key of an approval does not outlive its process: where a seal was Inspector's own, the one that
 * Inspector makes this time stands in its place, found by the nonce, which is made again too.
 */
export class ActGiver {
  private readonly approvals = new Map<string, Approval>()
  private readonly operator
  private readonly orders
  private readonly unsubscribe: Unsubscribe

  constructor(bus: Bus) {
    this.operator = bus.publisher(flow.operatorCommand, 'gateway')
    this.orders = bus.publisher(flow.orderCommand, 'gateway')
    this.unsubscribe = bus.subscribe(flow.orderCommand, ({ source, payload }) => {
      if (source !== 'gateway') this.approvals.set(payload.approval.nonce, payload.approval)
    })
  }

  give(act: RecordedAct): void {
    if ('command' in act) {
      this.operator.publish(act.command, { occurredAt: act.at })
      return
    }
    const { approval } = act.order
    const signature = act.hadSeal ? this.approvals.get(approval.nonce)?.signature : undefined
    const order = signature === undefined ? act.order : { ...act.order, approval: { ...approval, signature } }
    this.orders.publish(order, { occurredAt: act.at, receivedAt: act.at })
  }

  stop(): void {
    this.unsubscribe()
  }
}
