import { VenueError, type VenueParams } from '../venue-world.js'
import type { ListedSymbol } from './listed-symbol.js'
import type { OrderDraft, WireTimeInForce } from './order-draft.js'
import { isSleeper, readClientId, readSide } from './read-spot-order.js'
import { required, requiredAmount, unwanted } from './read-value.js'

/** Types of orders on perpetuals, as `exchangeInfo` lists them. */
export const usdmOrderTypes = [
  'LIMIT',
  'MARKET',
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
] as const

const restingTypes = ['LIMIT', 'STOP', 'TAKE_PROFIT']

/** Reads the parameters of an order for a perpetual. One-way positions only, and stops wake on the contract's own price. */
export function readUsdmOrder(listed: ListedSymbol, params: VenueParams, makeId: () => string): OrderDraft {
  const side = readSide(params['side'])
  const type = required(params, 'type')
  if (!(usdmOrderTypes as readonly string[]).includes(type)) throw new VenueError(-1116, 'Invalid orderType.')
  if ((params['positionSide'] ?? 'BOTH') !== 'BOTH') {
    throw new VenueError(-4061, "Order's position side does not match user's setting.")
  }
  if (params['closePosition'] === 'true' || (params['workingType'] ?? 'CONTRACT_PRICE') !== 'CONTRACT_PRICE') {
    throw new VenueError(-1128, 'Combination of optional parameters invalid.')
  }
  const isResting = restingTypes.includes(type)
  const price = isResting ? requiredAmount(params, 'price') : null
  if (!isResting) unwanted(params, 'price')
  const isTrailing = type === 'TRAILING_STOP_MARKET'
  const trailingDelta = isTrailing ? Math.round(Number(required(params, 'callbackRate')) * 100) : null
  if (trailingDelta !== null && !(trailingDelta >= 10 && trailingDelta <= 1_000)) {
    throw new VenueError(-2007, 'Invalid callBack rate')
  }
  const isStopped = isSleeper(type) && !isTrailing
  return {
    listed,
    clientOrderId: readClientId(params['newClientOrderId'], 'newClientOrderId') ?? makeId(),
    side,
    type,
    timeInForce: isResting ? readTimeInForce(params['timeInForce'] ?? (type === 'LIMIT' ? '' : 'GTC')) : 'GTC',
    quantity: requiredAmount(params, 'quantity'),
    quoteQuantity: null,
    price,
    stopPrice: isStopped ? requiredAmount(params, 'stopPrice') : null,
    trailingDelta,
    reduceOnly: params['reduceOnly'] === 'true',
    responseType: params['newOrderRespType'] === 'RESULT' ? 'RESULT' : 'ACK',
    selfTradePrevention: 'EXPIRE_TAKER',
  }
}

function readTimeInForce(text: string): WireTimeInForce {
  if (text === '') required({}, 'timeInForce')
  if (text !== 'GTC' && text !== 'IOC' && text !== 'FOK' && text !== 'GTX') {
    throw new VenueError(-1115, 'Invalid timeInForce.')
  }
  return text
}
