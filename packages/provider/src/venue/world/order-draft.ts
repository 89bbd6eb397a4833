import type { Units } from './amount.js'
import type { ListedSymbol } from './listed-symbol.js'

export type WireSide = 'BUY' | 'SELL'
export type WireTimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTX'

/** What a client asked for, read and checked for its shape; `null` where it was not given. */
export interface OrderDraft {
  readonly listed: ListedSymbol
  readonly clientOrderId: string
  readonly side: WireSide
  /** As the wire of its market names it: `STOP_LOSS_LIMIT` on spot, `STOP` on perpetuals. */
  readonly type: string
  readonly timeInForce: WireTimeInForce
  readonly quantity: Units
  /** What a market order may spend or has to bring, in quote. */
  readonly quoteQuantity: Units | null
  readonly price: Units | null
  readonly stopPrice: Units | null
  /** Basis points by which a stop follows the market. */
  readonly trailingDelta: number | null
  readonly reduceOnly: boolean
  readonly responseType: 'ACK' | 'RESULT' | 'FULL'
  readonly selfTradePrevention: string
}
