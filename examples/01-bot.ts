/** A whole desk on the paper exchange: half a day of a made-up market, as fast as it goes. Nothing leaves the machine. */
import { advisor, createMemoryBus, createVirtualClock, defineDesk, detector, inspector, provider } from 'barfinex'

const desk = defineDesk((runtime) => ({
  provider: provider.createService({ ...runtime, exchange: provider.paper({ seed: 7 }), symbols: ['BTC/USDT'] }),
  detector: detector.createService({ ...runtime, strategies: [detector.emaPullback, detector.bandReversion] }),
  advisor: advisor.createService({ ...runtime }),
  inspector: inspector.createService({
    ...runtime,
    policies: [inspector.maxPositionNotional('1000'), inspector.dailyLoss('2%'), inspector.cooldownAfterLoss(600_000)],
  }),
}))

const clock = createVirtualClock({ startAt: provider.paperStartAt })
const { provider: market, advisor: mind, inspector: risk, stop } = await desk.start({ bus: createMemoryBus(), clock })
const time = (at: number) => new Date(at).toISOString().slice(11, 19)

mind.decisions$.subscribe(({ decidedAt, strategyId, direction, outcome, reasons }) => {
  console.log(time(decidedAt), `${strategyId} says ${direction}:`, outcome, reasons.map((it) => it.code).join(' '))
})
risk.verdicts$.subscribe(({ decidedAt, type, purpose, order, reasons }) => {
  const what = order === null ? purpose : `${purpose} ${order.side} ${order.quantity}`
  console.log(time(decidedAt), '  verdict:', type, what, reasons.map((it) => it.message).join(' '))
})
market.fills$.subscribe(({ occurredAt, purpose, quantity, price, fee }) => {
  console.log(time(occurredAt), `    fill: ${purpose} ${quantity} at ${price}, fee ${fee}`)
})

await clock.advanceBy(12 * 3_600_000)
const { equityQuote, quoteAsset } = market.account()
console.log(
  `\nEquity ${Number(equityQuote).toFixed(2)} ${quoteAsset}; without a stop for too long: ${risk.audit().nakedBeyondBoundMs} ms.`,
)
await stop()
