import { type AccountState, BarfinexError, Decimal, type Instrument, type Order, type Side } from '@barfinex/core'
import type { AccountSnapshot, OrderRecord } from '../exchange.js'
import { type BarRange, crossBar } from './cross-bar.js'
import { type DisplayedLevel, displayedLevels } from './displayed-levels.js'
import { execute, openSession, wakeDue } from './execute-order.js'
import type { QuotedLevels } from './external-book.js'
import { finish, place } from './finish-order.js'
import { type CrossingPrice, printTrade, showBook } from './follow-market.js'
import { amountOf, InstrumentGrid, ledgerDigits } from './instrument-grid.js'
import type { MatchingEvent, SelfTradePrevention } from './matching-event.js'
import { book, type FeeCoin, MatchingState } from './matching-state.js'
import { joinGroup, leaveGroup } from './order-group.js'
import { recordOf } from './order-record.js'
import { refusal } from './order-refusal.js'
import { refuseOrder } from './refuse-order.js'
import { reserveFunds } from './reserve-funds.js'
import { SymbolMarket } from './symbol-market.js'
import { TradingAccount } from './trading-account.js'
import { trailTo } from './trailing-stop.js'
import { WorkingOrder } from './working-order.js'

export interface MatchingEngineOptions {
  /** What is traded, with its rules and fees. Assets of one name are one asset. */
  readonly instruments: readonly Instrument[]
  /** Exposure in contracts that one unit of settling asset carries. 5 when absent. */
  readonly leverage?: number
  /** `quote`: every fee in quote. `received`: in what the order gets, so a spot buy pays in base. `quote` when absent. */
  readonly feeAsset?: 'quote' | 'received'
  /** What ends when two orders of one account meet. `expireTaker` when absent. */
  readonly selfTradePrevention?: SelfTradePrevention
  /** Asset in which accounts may pay their spot fees; goes with `feeAsset: 'received'`. */
  readonly feeCoin?: FeeCoin
  /** Put before order and trade ids, so that two runs of one exchange do not share any. */
  readonly idPrefix?: string
  /** Finished orders whose record is kept, per account. 10,000 when absent. */
  readonly closedLimit?: number
}

/**
 * An exchange's heart: price-time book, stops, groups, balances. Pure and synchronous: the same calls give the same
 * events. Time is what the caller says; it must not go back. Calls return what happened, in order.
 *
 * Others' orders come in as quotes, prints and bars; our participants trade with them and with each other. Money is
 * exact. Fees round down at the ledger's last digit (8 or what a notional needs). Contract positions are never liquidated:
 * a loss beyond the balance leaves it below zero.
 *
 * Throws `exchange.not-supported` for a contract that does not settle in quote, `exchange.not-found` when the market of an
 * unknown symbol moves; whatever is wrong with an order is a `rejected` event.
 *
 * @example
 * const engine = createMatchingEngine({ instruments: [btcUsdt] })
 * engine.deposit('alice', 'USDT', '1000')
 * engine.quote('BTC/USDT', 41_999, 42_001, 1, 1, now)
 * engine.submit('alice', order, now) // => [{ type: 'accepted', … }, { type: 'fill', … }]
 */
export interface MatchingEngine {
  /** Opens the account at the first deposit. */
  deposit(account: string, asset: string, amount: string): void
  /** Takes from what is free; false, and nothing taken, when that is less. */
  withdraw(account: string, asset: string, amount: string): boolean
  /** Lets an account pay its spot fees in the fee coin, or no longer. */
  payFeeCoin(account: string, isWanted: boolean): void
  /** Sets the leverage of one contract; false, and nothing changed, when the margin would not suffice. */
  lever(account: string, symbol: string, leverage: number): boolean
  /** Pays an account what holding a contract costs (below zero) or brings, out of or into nowhere known: funding. */
  fund(account: string, symbol: string, amount: string): void
  submit(account: string, order: Order, now: number): readonly MatchingEvent[]
  /** Ends an open order. A fill that came first wins: the cancel is then refused with `exchange.order.already-final`. */
  cancel(account: string, clientOrderId: string, symbol: string, now: number): readonly MatchingEvent[]
  /** Others' best bid and ask: prices in quote per base, quantities in base. */
  quote(
    symbol: string,
    bid: number,
    ask: number,
    bidQuantity: number,
    askQuantity: number,
    now: number,
  ): readonly MatchingEvent[]
  /** Others' book, best levels first. Orders it moved through fill at their limit, or at the market's price. */
  book(
    symbol: string,
    bids: QuotedLevels,
    asks: QuotedLevels,
    now: number,
    crossingPrice?: CrossingPrice,
  ): readonly MatchingEvent[]
  /** Somebody traded. With quantity 0 it only moves the last price, which wakes stops. */
  print(symbol: string, price: number, quantity: number, takerSide: Side, now: number): readonly MatchingEvent[]
  /** A bar's range passes over the working orders: stops first, nothing outside it. */
  bar(symbol: string, range: BarRange, now: number): readonly MatchingEvent[]
  /** Trading in a symbol rests, or begins again. Meanwhile orders are taken and wait for the open; cancels work. */
  session(symbol: string, isOpen: boolean, now: number): readonly MatchingEvent[]
  /** The book as everybody sees it, our participants' orders among it: best price first, at most `most` levels. */
  levels(symbol: string, side: Side, most: number): readonly DisplayedLevel[]
  /** True while orders rest, sleep or wait in this symbol. */
  isWorking(symbol: string): boolean
  /** True while an account holds a contract position or at least one step of a spot asset. */
  isHolding(account: string, symbol: string): boolean
  /** The record of the newest order with this id, or `null`. */
  record(account: string, clientOrderId: string): OrderRecord | null
  snapshot(account: string, now: number): AccountSnapshot
  /** Result of everything an account has closed in a contract, before fees. */
  realizedPnl(account: string, symbol: string): string
  /**
   * The audit of an asset: all deposits equal what accounts hold at cost, plus fees, plus what went outside.
   * The difference is always `'0'`.
   */
  audit(asset: string): { readonly deposited: string; readonly fees: string; readonly difference: string }
  /** Bars in which a stop and a target of one account were both in reach. */
  readonly ambiguousBarCount: number
}

/** Makes a matching engine; see {@link MatchingEngine}. */
export function createMatchingEngine(options: MatchingEngineOptions): MatchingEngine {
  const state = new MatchingState(
    (options.feeAsset ?? 'quote') === 'quote',
    options.selfTradePrevention ?? 'expireTaker',
    options.idPrefix ?? '',
    options.feeCoin ?? null,
  )
  const leverage = leverageOf(options.leverage ?? 5)
  const closedLimit = options.closedLimit ?? 10_000
  const digits = ledgerDigits(options.instruments)
  const deposits = new Map<string, bigint>()
  for (const instrument of options.instruments) {
    if (instrument.kind !== 'spot' && instrument.settle !== instrument.quote) {
      const message = `${instrument.symbol} settles in ${instrument.settle}: the engine knows contracts that settle in quote.`
      throw new BarfinexError('exchange.not-supported', message)
    }
    const grid = new InstrumentGrid(instrument, digitsFor(instrument.quote), digitsFor(instrument.base))
    state.markets.set(instrument.symbol, new SymbolMarket(grid))
  }
  const single = { prices: [0], quantities: [0], count: 1 }
  const opposite = { prices: [0], quantities: [0], count: 1 }

  function digitsFor(asset: string): number {
    return digits.get(asset) ?? 8
  }

  function marketOf(symbol: string): SymbolMarket {
    const market = state.markets.get(symbol)
    if (market === undefined) {
      throw new BarfinexError('exchange.not-found', `The engine has no ${symbol}. Add its instrument first.`)
    }
    return market
  }

  function submit(accountId: string, given: Order, now: number): readonly MatchingEvent[] {
    // It rests here long after the call: the caller's record is read once.
    const order = Object.freeze({ ...given })
    state.now = now
    const { clientOrderId, symbol } = order
    const reject = (reason: ReturnType<typeof refusal>) => {
      state.emit({
        type: 'rejected',
        account: accountId,
        clientOrderId,
        exchangeOrderId: null,
        symbol,
        reason,
        occurredAt: now,
      })
      return state.takeEvents()
    }
    const account = state.accounts.get(accountId)
    if (account === undefined) return reject(refusal('exchange.order.unknown-account', `No account ${accountId}.`))
    const market = state.markets.get(symbol)
    if (market === undefined) return reject(refusal('exchange.order.unknown-symbol', `${symbol} is not traded here.`))
    const fault = refuseOrder(market, account, order)
    if (fault !== null) return reject(fault)
    const working = new WorkingOrder(account, market.grid, order, `${state.idPrefix}o${state.orderCount + 1}`, now)
    if (order.type === 'trailingStopMarket') trailTo(working, market.lastTicks)
    joinGroup(working)
    const missing = reserveFunds(state, market, working)
    if (missing !== null) {
      leaveGroup(working)
      return reject(missing)
    }
    state.orderCount += 1
    account.open.set(clientOrderId, working)
    state.emitState(working, 'accepted')
    if (market.isOpen) execute(state, market, working)
    else place(market, working, market.waiting)
    wakeDue(state, market)
    return state.takeEvents()
  }

  function cancel(accountId: string, clientOrderId: string, symbol: string, now: number): readonly MatchingEvent[] {
    state.now = now
    const account = state.accounts.get(accountId)
    const order = account?.open.get(clientOrderId)
    const market = state.markets.get(symbol)
    const isHalted = market?.grid.instrument.status === 'halted'
    if (order !== undefined && market !== undefined && order.grid === market.grid && !isHalted) {
      finish(state, market, order, 'canceled')
      return state.takeEvents()
    }
    const done = account?.closed.get(clientOrderId)
    const reason = isHalted
      ? refusal('exchange.order.instrument-halted', `${symbol} is halted: nothing is accepted.`)
      : done !== undefined && order === undefined
        ? refusal('exchange.order.already-final', `Order ${clientOrderId} is ${done.state} already.`)
        : refusal('exchange.order.unknown-order', `There is no order ${clientOrderId} in ${symbol}.`)
    state.emit({ type: 'cancelRejected', account: accountId, clientOrderId, symbol, reason, occurredAt: now })
    return state.takeEvents()
  }

  function showLevels(
    symbol: string,
    bids: QuotedLevels,
    asks: QuotedLevels,
    now: number,
    crossingPrice: CrossingPrice = 'limit',
  ): readonly MatchingEvent[] {
    state.now = now
    const market = marketOf(symbol)
    showBook(state, market, bids, asks, crossingPrice)
    if (market.workingCount > 0) wakeDue(state, market)
    return state.takeEvents()
  }

  function text(asset: string, units: bigint): string {
    return Decimal.ofUnits(units, digitsFor(asset)).toString()
  }

  return {
    deposit(accountId, asset, amount) {
      const added = Decimal.from(amount)
      if (added.isNegative) throw new BarfinexError('money.invalid', `A deposit is not below zero, as ${amount} is.`)
      let account = state.accounts.get(accountId)
      if (account === undefined) {
        account = new TradingAccount(accountId, leverage, closedLimit)
        state.accounts.set(accountId, account)
      }
      const units = amountOf(added.toString(), digitsFor(asset))
      account.balance(asset).total += units
      book(deposits, asset, units)
    },
    withdraw(accountId, asset, amount) {
      const units = amountOf(amount, digitsFor(asset))
      const balance = state.accounts.get(accountId)?.balance(asset)
      if (balance === undefined || units > balance.free) return false
      balance.total -= units
      book(deposits, asset, -units)
      return true
    },
    payFeeCoin(accountId, isWanted) {
      const account = state.accounts.get(accountId)
      if (account !== undefined) account.paysFeeCoin = isWanted
    },
    lever(accountId, symbol, wanted) {
      const { grid } = marketOf(symbol)
      const account = state.accounts.get(accountId)
      if (account === undefined) return false
      const position = account.position(grid)
      const multiple = leverageOf(wanted)
      if (position.marginAt(multiple) > account.balance(grid.instrument.settle).free) return false
      position.lever(multiple)
      return true
    },
    fund(accountId, symbol, amount) {
      const { settle } = marketOf(symbol).grid.instrument
      const account = state.accounts.get(accountId)
      if (account === undefined) return
      const paid = Decimal.from(amount)
      const units = amountOf(paid.abs().toString(), digitsFor(settle)) * (paid.isNegative ? -1n : 1n)
      account.balance(settle).total += units
      book(state.external, settle, -units)
    },
    submit,
    cancel,
    quote(symbol, bid, ask, bidQuantity, askQuantity, now) {
      single.prices[0] = bid
      single.quantities[0] = bidQuantity
      opposite.prices[0] = ask
      opposite.quantities[0] = askQuantity
      return showLevels(symbol, single, opposite, now)
    },
    book: showLevels,
    print(symbol, price, quantity, takerSide, now) {
      state.now = now
      printTrade(state, marketOf(symbol), price, quantity, takerSide)
      return state.takeEvents()
    },
    bar(symbol, range, now) {
      state.now = now
      crossBar(state, marketOf(symbol), range)
      return state.takeEvents()
    },
    session(symbol, isOpen, now) {
      state.now = now
      const market = marketOf(symbol)
      if (isOpen && !market.isOpen) {
        openSession(state, market)
        wakeDue(state, market)
      }
      market.isOpen = isOpen
      return state.takeEvents()
    },
    levels: (symbol, side, most) => displayedLevels(marketOf(symbol), side, most),
    isWorking: (symbol) => marketOf(symbol).workingCount > 0,
    isHolding(accountId, symbol) {
      const { grid } = marketOf(symbol)
      const account = state.accounts.get(accountId)
      if (account === undefined) return false
      if (grid.isMargined) return (account.positions.get(symbol)?.steps ?? 0) !== 0
      return grid.stepsIn(account.balances.get(grid.instrument.base)?.total ?? 0n) > 0
    },
    record(accountId, clientOrderId) {
      const account = state.accounts.get(accountId)
      const order = account?.open.get(clientOrderId) ?? account?.closed.get(clientOrderId)
      return order === undefined ? null : recordOf(order)
    },
    snapshot(accountId, now) {
      const account = state.accounts.get(accountId)
      return {
        balances: account === undefined ? [] : balancesOf(account, text),
        positions: account === undefined ? [] : positionsOf(account),
        openOrders: account === undefined ? [] : [...account.open.values()].map(recordOf),
        asOf: now,
      }
    },
    realizedPnl(accountId, symbol) {
      const { settle } = marketOf(symbol).grid.instrument
      return text(settle, state.accounts.get(accountId)?.positions.get(symbol)?.realized ?? 0n)
    },
    audit(asset) {
      const deposited = deposits.get(asset) ?? 0n
      const fees = state.fees.get(asset) ?? 0n
      let held = fees + (state.external.get(asset) ?? 0n)
      for (const account of state.accounts.values()) {
        held += account.balances.get(asset)?.total ?? 0n
        for (const { grid, cost } of account.positions.values()) {
          if (grid.instrument.settle === asset) held -= cost
        }
      }
      return {
        deposited: text(asset, deposited),
        fees: text(asset, fees),
        difference: text(asset, held - deposited),
      }
    },
    get ambiguousBarCount() {
      return state.ambiguousBarCount
    },
  }
}

function leverageOf(leverage: number): bigint {
  if (Number.isSafeInteger(leverage) && leverage >= 1) return BigInt(leverage)
  throw new BarfinexError('options.invalid', `leverage is a whole number of at least 1, not ${leverage}.`)
}

function balancesOf(account: TradingAccount, text: (asset: string, units: bigint) => string): AccountState['balances'] {
  return [...account.balances.values()].map(({ asset, free, total, locked, margin }) => ({
    asset,
    free: text(asset, free),
    locked: text(asset, locked + margin),
    total: text(asset, total),
  }))
}

function positionsOf(account: TradingAccount): AccountSnapshot['positions'] {
  const positions: AccountSnapshot['positions'][number][] = []
  for (const { grid, steps, cost } of account.positions.values()) {
    if (steps === 0) continue
    const quantity = grid.quantityText(Math.abs(steps))
    const paid = Decimal.ofUnits(cost, grid.quoteDigits).abs()
    const averagePrice = paid.dividedBy(Decimal.from(quantity), 12, 'halfEven').toString()
    positions.push({ symbol: grid.symbol, side: steps > 0 ? 'long' : 'short', quantity, averagePrice })
  }
  return positions
}
