import type { Clock, Order, Reason } from '@barfinex/core'
import type { Exchange, ReportSink } from '@barfinex/provider'

/** What the venue says to an order before it looks at it: `null` lets it in, a reason refuses it, `swallow` keeps it quiet. */
export type Verdict = Reason | 'swallow' | null

/** Stands before a venue and refuses orders as a filter of the venue would. `swallow` says accepted and places nothing. */
export function refusing(exchange: Exchange, judge: (order: Order) => Verdict): Exchange {
  let sink: ReportSink = () => {}
  let clock: Clock | null = null

  function answer(order: Order, reason: Reason | null): void {
    const own = clock
    if (own === null) throw new Error('The venue was not connected to.')
    own.schedule(own.now() + 40, () => {
      sink({
        type: reason === null ? 'accepted' : 'rejected',
        clientOrderId: order.clientOrderId,
        exchangeOrderId: null,
        symbol: order.symbol,
        reason,
        occurredAt: own.now(),
      })
    })
  }

  return {
    ...exchange,
    async connect(options) {
      clock = options.clock
      return exchange.connect(options)
    },
    report(reports, onGap) {
      sink = reports
      exchange.report(reports, onGap)
    },
    submit(order) {
      const verdict = judge(order)
      if (verdict === null) return exchange.submit(order)
      answer(order, verdict === 'swallow' ? null : verdict)
    },
  }
}

/** A venue that does not link orders: each stands alone, whatever group it was sent with. */
export function unlinking(exchange: Exchange): Exchange {
  return {
    ...exchange,
    capabilities: { ...exchange.capabilities, oco: false },
    submit: (order) => exchange.submit({ ...order, ocoGroup: null }),
  }
}
