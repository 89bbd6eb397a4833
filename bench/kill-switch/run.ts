/**
 * How long the kill switch takes on real processes. `npx tsx bench/kill-switch/run.ts [presses]`
 *
 * Five daemons, Redis and the test venue as processes of their own; Provider trades through ccxt over sockets. 200 entries rest at the
 * venue and one position is open with its stop. Redis, Studio and the advisor are killed, every other time Redis is only frozen with its
 * connections open, and in the same breath the switch is pressed at Provider's gateway with the operator's token. Then everything is
 * started again for the next press.
 *
 * The time is that from just before the request is sent until the last of the 200 is canceled, by the venue's own records and clock,
 * which moves in steps of up to 100 ms. No entry may be left, and the position keeps its stop.
 *
 * Claimed: p99 over the presses is below 2 s. Exits 1 when it is not, or when an entry is left. Absolute figures are of the machine
 * at hand, on which all of it shares the processors.
 */

import type { VenueTruth } from '@barfinex/provider/venue'
import { accountOf } from '../../e2e/crash/judge-books.js'
import { eventually } from '../../e2e/eventually.js'
import { createCrowdedDesk, openEntries, openOrders, openStops } from '../../e2e/kill-switch/crowded-desk.js'

const presses = Number(process.argv[2] ?? 10)
const claimedMs = 2_000

function at(share: number, sorted: readonly number[]): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** Milliseconds from an instant of the venue's clock to the cancel of each entry after it, ascending. */
function cancelTimes(truth: VenueTruth, from: number): readonly number[] {
  return accountOf(truth)
    .orders.filter((it) => it.side === 'BUY' && it.status === 'CANCELED' && it.updatedAt >= from)
    .map((it) => it.updatedAt - from)
    .sort((one, other) => one - other)
}

const desk = await createCrowdedDesk(7)
let broken = 0
const lasts: number[] = []
try {
  for (let press = 1; press <= presses; press += 1) {
    await desk.open()
    await desk.fill()
    const redis = press % 2 === 1 ? 'killed' : 'frozen'
    await desk.lose(redis)
    const { time } = await desk.venue.truth()
    await desk.press(`press-${press}`)
    const isBare = async () => openEntries(await desk.venue.truth()).length === 0
    await eventually('no entry is left', isBare, 60_000, desk.fleet.provider.output)
    const truth = await desk.venue.truth()
    const times = cancelTimes(truth, time)
    const isProtected = openStops(truth).length > 0
    if (times.length !== openOrders || !isProtected) broken += 1
    lasts.push(at(1, times))
    process.stdout.write(
      `press ${press}, Redis ${redis}: ${times.length} cancels, first after ${times[0]} ms, half after ${at(0.5, times)} ms, last after ${at(1, times)} ms; the position ${isProtected ? 'keeps its stop' : 'HAS NO STOP'}\n`,
    )
    await desk.recover()
  }
} finally {
  await desk.close()
}
lasts.sort((one, other) => one - other)
const p99 = at(0.99, lasts)
process.stdout.write(
  `${presses} presses, time to the last of ${openOrders} cancels: p50 ${at(0.5, lasts)} ms, p99 ${p99} ms, longest ${at(1, lasts)} ms; claimed: p99 below ${claimedMs} ms\n`,
)
process.exit(broken === 0 && p99 < claimedMs ? 0 : 1)
