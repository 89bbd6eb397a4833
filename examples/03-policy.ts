/**
 * A risk policy of your own, and its test.
 *
 * A policy sees the exact order in its whole situation and answers `null` or why not, with the limit and what it measured.
 * `inspectorSpec` asks it precisely as Inspector would: built-in rules first, then yours. Its assertions throw, so this file is
 * a test for any runner. (The testing subpaths need vitest installed: they hold contract suites too.)
 */
import { anAccount, anOrder } from '@barfinex/core/testing'
import { dailyLoss, definePolicy, maxOrderNotional } from '@barfinex/inspector'
import { aSituation, inspectorSpec } from '@barfinex/inspector/testing'

/** No entry in the ten minutes around a full eight hours, when funding is settled and spreads jump. */
const fundingPause = definePolicy({
  code: 'my-desk.funding-pause',
  judges: 'situation',
  check({ now }) {
    const eightHoursMs = 8 * 3_600_000
    const sinceMs = now % eightHoursMs
    const distanceMs = Math.min(sinceMs, eightHoursMs - sinceMs)
    if (distanceMs >= 300_000) return null
    const observed = Math.round(distanceMs / 1_000)
    return { limit: 300, observed, message: `Funding is settled ${observed} s from here; entries keep 300 s away.` }
  },
})

/** A price level above which this desk does not buy, whatever the advisor thinks. */
function buyOnlyBelow(price: number) {
  return definePolicy({
    code: 'my-desk.price-ceiling',
    judges: 'order',
    check({ order, price: at }) {
      if (order.side === 'sell' || at.toNumber() < price) return null
      return { limit: price, observed: at.toString(), message: `It would buy at ${at}; the ceiling is ${price}.` }
    },
  })
}

const noon = Date.UTC(2024, 0, 3, 12)
const given = inspectorSpec(fundingPause, buyOnlyBelow(105), maxOrderNotional('500'), dailyLoss('2%'))
const small = anOrder({ quantity: '1', type: 'limit', limitPrice: '100' })

given(anAccount(), { now: noon }).when(small).thenApproved()

// All reasons are in a denial, not only the first: whoever mends one limit should not find the next by trading.
const { reasons } = given(anAccount(), { now: Date.UTC(2024, 0, 3, 8, 2) })
  .when(anOrder({ quantity: '9', type: 'limit', limitPrice: '110' }))
  .thenDenied(
    { code: 'my-desk.funding-pause', limit: 300, observed: 120 },
    { code: 'my-desk.price-ceiling', observed: '110' },
    { code: 'inspector.policy.max-order-notional', limit: '500', observed: '990' },
  )
console.log('A large order at 08:02, above the ceiling:')
for (const { code, message } of reasons) console.log(`  ${code}: ${message}`)

// A bad day: equity is 3 % below where it began.
const { risk } = aSituation({ account: anAccount() })
const badDay = { now: noon, risk: { ...risk, dayStartEquityQuote: 10_300 } }
const denied = given(anAccount(), badDay).when(small).thenDeniedOnly({ code: 'inspector.policy.daily-loss' })
console.log('A small order on a bad day:')
for (const { code, message } of denied.reasons) console.log(`  ${code}: ${message}`)

// A policy that throws denies. It never lets an order pass by accident.
const broken = definePolicy({
  code: 'my-desk.broken',
  judges: 'situation',
  check() {
    throw new Error('the risk database does not answer')
  },
})
const closed = inspectorSpec(broken)(anAccount()).when(small).thenDenied({ code: 'inspector.policy.failed-closed' })
console.log('With a policy that throws:')
for (const { code, message } of closed.reasons) console.log(`  ${code}: ${message}`)
