import type { VenueMarket, VenueTruth } from '../venue-world.js'
import type { AccountBalances } from './account-balances.js'
import { amountText, padded } from './amount.js'
import type { MarketHall } from './market-hall.js'
import type { OrderRegister } from './order-register.js'
import type { OwnTrade } from './venue-order.js'

const names: readonly VenueMarket[] = ['spot', 'usdm']

/** Everything that ever happened, read from the engine and the orders without any lag. */
export function venueTruth(
  accounts: readonly { readonly id: string }[],
  time: number,
  halls: Readonly<Record<VenueMarket, MarketHall>>,
  markets: Readonly<Record<VenueMarket, { readonly register: OrderRegister; readonly balances: AccountBalances }>>,
): VenueTruth {
  return {
    time,
    accounts: accounts.map(({ id }) => ({
      id,
      orders: names.flatMap((name) => markets[name].register.account(id).orders.map((order) => order.truth)),
      trades: names.flatMap((name) =>
        markets[name].register.account(id).trades.map(({ trade }) => trueTrade(name, trade)),
      ),
      balances: names.flatMap((name) => markets[name].balances.now(id).map((it) => ({ market: name, ...it }))),
      positions: halls.usdm.engine.snapshot(id, 0).positions.map((it) => ({
        symbol: it.symbol.split(':')[0]?.replace('/', '') ?? it.symbol,
        quantity: padded(it.side === 'short' ? `-${it.quantity}` : it.quantity),
        averagePrice: padded(it.averagePrice),
      })),
    })),
    audit: names.flatMap((name) =>
      assetsOf(halls[name]).map((asset) => ({
        market: name,
        asset,
        difference: halls[name].engine.audit(asset).difference,
      })),
    ),
  }
}

function trueTrade(market: VenueMarket, trade: OwnTrade): VenueTruth['accounts'][number]['trades'][number] {
  const { order } = trade
  return {
    market,
    symbol: order.draft.listed.rules.id,
    tradeId: trade.tradeId,
    orderId: order.orderId,
    side: order.draft.side,
    price: amountText(trade.price),
    quantity: amountText(trade.quantity),
    commission: padded(trade.commission),
    commissionAsset: trade.commissionAsset,
    isMaker: trade.isMaker,
    time: trade.time,
  }
}

function assetsOf(hall: MarketHall): readonly string[] {
  return [...new Set([...hall.symbols.values()].flatMap(({ rules }) => [rules.base, rules.quote]))].sort()
}
