import { BarfinexError, Decimal, type Instrument, type Order, type Quote } from '@barfinex/core'
import type { ExchangeReport } from '../exchanges/exchange.js'
import { type ExchangeUnderTest, orderOf } from './exchange-under-test.js'

/** An exchange with a market that moves, and the few acts that scenarios are made of. */
export interface ContractMarket extends ExchangeUnderTest {
  readonly instrument: Instrument
  /** A quantity that the exchange takes and the account can pay: about three times the least. */
  readonly quantity: string
  quote(): Quote
  /** A price on the tick grid, so many basis points above the middle; below it for a negative distance. */
  priceAt(distanceBps: number): string
  /** Sends an order of {@link ContractMarket.quantity} and returns its id. */
  send(fields?: Partial<Order>): Promise<string>
  reportsOf(clientOrderId: string): readonly ExchangeReport[]
  /** Waits for a report of one of these types; returns the first. */
  report(clientOrderId: string, ...types: readonly ExchangeReport['type'][]): Promise<ExchangeReport>
  /** Waits until an order has filled whole; returns its fills. */
  filled(clientOrderId: string): Promise<readonly Extract<ExchangeReport, { type: 'fill' }>[]>
}

/** Begins to follow and waits for the first quote of the first symbol. */
export async function contractMarket(given: ExchangeUnderTest): Promise<ContractMarket> {
  const instrument = given.instruments[0]
  if (instrument === undefined) throw new BarfinexError('exchange.not-supported', 'The exchange serves no symbol.')
  const { symbol } = instrument
  given.follow()
  const newest = () => given.market.quotes.findLast((quote) => quote.symbol === symbol)
  await given.until(() => newest() !== undefined, `a quote of ${symbol}`)
  const step = Decimal.from(instrument.stepSize)
  const tick = Decimal.from(instrument.tickSize)
  let count = 0

  const quote = () => newest() as Quote
  const middle = () => Decimal.fromNumber((quote().bid + quote().ask) / 2)
  const least = Decimal.from(instrument.minQuantity)
    .max(Decimal.from(instrument.minNotional).dividedBy(middle(), 12, 'up'))
    .times(Decimal.from('3'))
  const quantity = least.roundTo(step, 'up').max(step).toString()
  const reportsOf = (id: string) => given.reports.filter((report) => report.clientOrderId === id)
  const fillsOf = (id: string) =>
    reportsOf(id).filter((it): it is Extract<ExchangeReport, { type: 'fill' }> => it.type === 'fill')

  return {
    ...given,
    instrument,
    quantity,
    quote,
    priceAt: (distanceBps) =>
      middle()
        .times(Decimal.fromNumber(1 + distanceBps / 10_000))
        .roundTo(tick, 'halfEven')
        .toString(),
    async send(fields = {}) {
      count += 1
      const order = orderOf(instrument, `contract-${count}`, { quantity, ...fields })
      await given.exchange.submit(order)
      return order.clientOrderId
    },
    reportsOf,
    async report(id, ...types) {
      const find = () => reportsOf(id).find((it) => types.includes(it.type))
      await given.until(() => find() !== undefined, `${types.join(' or ')} of ${id}`)
      return find() as ExchangeReport
    },
    async filled(id) {
      const sum = () => fillsOf(id).reduce((total, it) => total.plus(Decimal.from(it.quantity)), Decimal.zero)
      await given.until(() => sum().toString() === quantity, `${quantity} filled of ${id}`)
      return fillsOf(id)
    },
  }
}
