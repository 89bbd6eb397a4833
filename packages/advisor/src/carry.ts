import { type Envelope, flow } from '@barfinex/core'
import { type Carry, lastSaidAt } from '@barfinex/core/daemon'

/** A start counts the calls of a language model of the last day; two, so that it does not depend on when it comes. */
const decisionsMs = 2 * 86_400_000

/** What the advisor goes on from: what was learned last, and the decisions that its budget counts. */
export const carry: Carry = {
  version: 1,
  wants: ({ type }) => type === flow.calibration.name || type === flow.decision.name,
  prune(past) {
    const newestAt = lastSaidAt(past, 'advisor')
    const learned = past.findLast(({ type }) => type === flow.calibration.name)
    return past.filter((it) => it === learned || isRecent(it, newestAt))
  },
}

function isRecent({ type, occurredAt }: Envelope, newestAt: number): boolean {
  return type === flow.decision.name && occurredAt > newestAt - decisionsMs
}
