/** A year of a desk that follows one symbol with one strategy, as Provider's journal gets it: kinds and numbers as measured in a run. */

import { type Channel, channels, type Envelope, flow } from '@barfinex/core'
import { aFill, anEnvelope, anEvaluation, anOrder, anOrderCommand, anOrderEvent, givens } from '@barfinex/core/testing'

export const daysInYear = 365
const dayMs = 86_400_000
const startAt = Date.UTC(2026, 0, 1)
const byName = new Map<string, Channel<never>>(channels.map((it) => [it.name, it as unknown as Channel<never>]))

const usual = anEvaluation()
/** With as many rules as the shipped strategy has. */
const evaluation = {
  ...usual,
  rules: Array.from({ length: 9 }, () => usual.rules)
    .flat()
    .slice(0, 9),
}

/** Messages of one day, in order, with their channels. */
export function* dayOf(day: number): Generator<readonly [Envelope, Channel<never>]> {
  const at = (share: number) => ({ occurredAt: startAt + Math.round((day + share) * dayMs), epoch: 1 })
  const evaluations = 672
  const states = 952
  const trades = 8
  let seq = day * 10_000
  const said = <Payload>(channel: Channel<Payload>, payload: Payload, share: number, source: string) => {
    seq += 1
    const envelope = anEnvelope(channel, payload, { ...at(share), seq, source, id: `${channel.name}:${day}.${seq}` })
    return [envelope as Envelope, byName.get(channel.name) as Channel<never>] as const
  }
  for (let index = 0; index < evaluations; index += 1) {
    const share = index / evaluations
    yield said(flow.evaluation, evaluation, share, 'detector')
    if (index % 2 === 0) yield said(flow.riskState, givens.riskState(), share, 'inspector')
    if (index % 2 === 0 && index / 2 < states - evaluations / 2) {
      yield said(flow.riskState, givens.riskState(), share, 'inspector')
    }
    if (index % (evaluations / trades) !== 0) continue
    for (const purpose of ['entry', 'stop', 'target'] as const) {
      const id = `${day}.${index}.${purpose}`
      const order = anOrder({
        clientOrderId: id,
        intentId: `${day}.${index}`,
        purpose,
        side: purpose === 'entry' ? 'buy' : 'sell',
      })
      yield said(flow.verdict, givens.verdict(), share, 'inspector')
      yield said(flow.orderCommand, anOrderCommand({ commandId: id, order }), share, 'inspector')
      const states =
        purpose === 'stop'
          ? (['submitted', 'accepted', 'canceled'] as const)
          : (['submitted', 'accepted', 'filled'] as const)
      for (const [sequence, state] of states.entries()) {
        const event = { clientOrderId: id, intentId: order.intentId, purpose, sequence, state, side: order.side }
        yield said(flow.orderEvent, anOrderEvent(event), share, 'provider')
      }
      if (purpose !== 'stop') {
        const fill = aFill({
          fillId: `${day}.${seq}`,
          clientOrderId: id,
          intentId: order.intentId,
          purpose,
          side: order.side,
        })
        yield said(flow.fill, fill, share, 'provider')
      }
    }
  }
}
