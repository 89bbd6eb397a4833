import type { Random } from '@barfinex/core'
import type { VenueParams, VenueReply, VenueUsdm } from '../venue-world.js'
import { AccountBalances } from './account-balances.js'
import { amountText, plainText } from './amount.js'
import { Funding, type FundingPayment } from './funding.js'
import type { ListedSymbol } from './listed-symbol.js'
import type { MarketParts } from './market-parts.js'
import { MarketReads, symbolsIn } from './market-reads.js'
import { OrderRegister, type OrderVoice } from './order-register.js'
import { limitIn } from './read-value.js'
import { UsdmAccountReads } from './usdm-account-reads.js'
import { UsdmDesk } from './usdm-desk.js'
import { usdmExchangeInfo } from './usdm-exchange-info.js'
import { markPriceOf, UsdmPositions } from './usdm-positions.js'
import { orderTradeUpdate, usdmOrderRow } from './usdm-rows.js'

/** Perpetuals behind their wire, and what the world needs of them. */
export interface UsdmMarket {
  readonly usdm: VenueUsdm
  readonly register: OrderRegister
  readonly balances: AccountBalances
  tellBalances(accountId: string): void
  stop(): void
}

/** Puts the parts of the perpetuals together. */
export function createUsdmMarket(parts: MarketParts, fundingHours: number, random: Random): UsdmMarket {
  const { hall, users, clock, now, lagMs, makeId } = parts
  const balances = new AccountBalances(hall.engine)
  const positions = new UsdmPositions(hall)

  const voice: OrderVoice = {
    row: usdmOrderRow,
    report(order, execution, moment) {
      const { accountId, draft } = order
      if (execution.trade !== undefined) tellAccount(accountId, 'ORDER', [draft.listed])
      users.push(accountId, 'usdm', 'ORDER_TRADE_UPDATE', orderTradeUpdate(order, execution, moment))
    },
    settled(orders) {
      for (const accountId of new Set(orders.map((it) => it.accountId))) {
        balances.record(register.account(accountId))
      }
    },
  }
  const register = new OrderRegister(hall, 'usdm', clock, now, lagMs, () => voice)

  function tellAccount(accountId: string, reason: string, symbols: readonly ListedSymbol[]): void {
    const rows = balances.now(accountId).map(({ asset, total }) => ({ a: asset, wb: total, cw: total, bc: '0' }))
    const held = positions.of(accountId, symbols).map((it) => ({
      s: it.listed.rules.id,
      pa: plainText(it.quantity),
      ep: plainText(it.entryPrice),
      bep: plainText(it.entryPrice),
      cr: hall.engine.realizedPnl(accountId, it.listed.rules.symbol),
      up: plainText(it.unrealized),
      mt: 'cross',
      iw: '0',
      ps: 'BOTH',
    }))
    const time = now()
    const fields = { e: 'ACCOUNT_UPDATE', E: time, T: time, a: { m: reason, B: rows, P: held } }
    users.push(accountId, 'usdm', 'ACCOUNT_UPDATE', fields)
  }

  const desk = new UsdmDesk({
    hall,
    register,
    positions,
    makeId,
    tellLeverage(accountId, listed, leverage) {
      const time = now()
      const fields = { e: 'ACCOUNT_CONFIG_UPDATE', E: time, T: time, ac: { s: listed.rules.id, l: leverage } }
      users.push(accountId, 'usdm', 'ACCOUNT_CONFIG_UPDATE', fields)
      users.flush()
    },
  })
  const funding = new Funding({
    hall,
    positions,
    clock,
    now,
    everyHours: fundingHours,
    random,
    accounts: () => register.accounts.keys(),
    pay({ accountId, listed }) {
      balances.record(register.account(accountId))
      tellAccount(accountId, 'FUNDING_FEE', [listed])
      users.flush()
    },
  })
  const market = new MarketReads(hall, now)
  const own = new UsdmAccountReads({ hall, register, balances, positions, desk, clock, now })
  hall.open(register)

  function premiumRow(listed: ListedSymbol): VenueReply {
    const mark = amountText(markPriceOf(listed))
    return {
      symbol: listed.rules.id,
      markPrice: mark,
      indexPrice: mark,
      estimatedSettlePrice: mark,
      lastFundingRate: amountText(funding.rateOf(listed)),
      interestRate: '0.00010000',
      nextFundingTime: funding.nextAt,
      time: now(),
    }
  }

  function fundingRows(params: VenueParams): readonly VenueReply[] {
    const symbols = symbolsIn(hall, params)
    return funding.rates
      .filter((it) => symbols.includes(it.listed))
      .slice(-limitIn(params, 100, 1_000))
      .map(({ listed, rate, markPrice, time }) => ({
        symbol: listed.rules.id,
        fundingRate: amountText(rate),
        fundingTime: time,
        markPrice: amountText(markPrice),
      }))
  }

  return {
    register,
    balances,
    tellBalances: (accountId) => tellAccount(accountId, 'DEPOSIT', []),
    stop: () => funding.stop(),
    usdm: {
      exchangeInfo: () => usdmExchangeInfo(hall, now()),
      depth(params) {
        const { E = now(), ...rest } = market.depth(params)
        return { ...rest, E, T: E }
      },
      klines: (params) => market.klines(params),
      aggTrades: (params) => market.aggTrades(params),
      trades: (params) => market.trades(params),
      ticker24hr: (params) => market.ticker24hr(params),
      tickerPrice: (params) => market.tickerPrice(params),
      bookTicker: (params) => market.bookTicker(params),
      premiumIndex: (params) => market.forSymbols(params, premiumRow),
      fundingRate: fundingRows,
      place: (accountId, params) => desk.place(accountId, params),
      cancel: (accountId, params) => desk.cancel(accountId, params),
      cancelAll: (accountId, params) => desk.cancelAll(accountId, params),
      leverage: (accountId, params) => desk.leverage(accountId, params),
      order: (accountId, params, read) => own.order(accountId, params, read),
      openOrders: (accountId, params, read) => own.openOrders(accountId, params, read),
      allOrders: (accountId, params, read) => own.allOrders(accountId, params, read),
      userTrades: (accountId, params, read) => own.userTrades(accountId, params, read),
      positionRisk: (accountId, params) => own.positionRisk(accountId, params),
      balance: (accountId, read) => own.balance(accountId, read),
      account: (accountId, read) => own.account(accountId, read),
      income: (accountId, params) => incomeRows(funding.payments, accountId, params),
    },
  }
}

function incomeRows(
  payments: readonly FundingPayment[],
  accountId: string,
  params: VenueParams,
): readonly VenueReply[] {
  const symbol = params['symbol']
  if ((params['incomeType'] ?? 'FUNDING_FEE') !== 'FUNDING_FEE') return []
  return payments
    .filter((it) => it.accountId === accountId && (symbol === undefined || it.listed.rules.id === symbol))
    .slice(-limitIn(params, 100, 1_000))
    .map((it) => ({
      symbol: it.listed.rules.id,
      incomeType: 'FUNDING_FEE',
      income: amountText(it.amount),
      asset: it.asset,
      info: 'FUNDING_FEE',
      time: it.time,
      tranId: it.id,
      tradeId: '',
    }))
}
