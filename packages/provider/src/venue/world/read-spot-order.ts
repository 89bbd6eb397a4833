import { VenueError, type VenueParams } from '../venue-world.js'
import type { ListedSymbol } from './listed-symbol.js'
import type { OrderDraft, WireSide, WireTimeInForce } from './order-draft.js'
import { amountIn, integerIn, required, requiredAmount, unwanted } from './read-value.js'

/** Types of spot orders, as `exchangeInfo` lists them. */
export const spotOrderTypes = [
  'LIMIT',
  'LIMIT_MAKER',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
] as const

const restingTypes = ['LIMIT', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT']
const idPattern = /^[.A-Z:/a-z0-9_-]{1,36}$/

/** True for the types that sleep until the market comes to their stop price: those that `MAX_NUM_ALGO_ORDERS` counts. */
export function isSleeper(type: string): boolean {
  return type.startsWith('STOP') || type.startsWith('TAKE_PROFIT') || type === 'TRAILING_STOP_MARKET'
}

/** Reads the parameters of an order. `makeId` names one that the client did not name. */
export function readSpotOrder(listed: ListedSymbol, params: VenueParams, makeId: () => string): OrderDraft {
  const side = readSide(params['side'])
  const type = required(params, 'type')
  if (!(spotOrderTypes as readonly string[]).includes(type)) throw new VenueError(-1116, 'Invalid orderType.')
  if (params['icebergQty'] !== undefined && Number(params['icebergQty']) > 0) {
    throw new VenueError(-2010, 'Iceberg orders are not supported for this symbol.')
  }
  const quoteQuantity = type === 'MARKET' ? amountIn(params, 'quoteOrderQty') : null
  if (type !== 'MARKET') unwanted(params, 'quoteOrderQty')
  if (quoteQuantity !== null) unwanted(params, 'quantity')
  const quantity = quoteQuantity === null ? requiredAmount(params, 'quantity') : 0n
  const isResting = restingTypes.includes(type)
  if (!isResting) unwanted(params, 'timeInForce')
  const price = isResting || type === 'LIMIT_MAKER' ? requiredAmount(params, 'price') : null
  if (price === null) unwanted(params, 'price')
  const stop = readStop(type, params)
  return {
    listed,
    clientOrderId: readClientId(params['newClientOrderId'], 'newClientOrderId') ?? makeId(),
    side,
    type,
    timeInForce: isResting ? readTimeInForce(required(params, 'timeInForce')) : 'GTC',
    quantity,
    quoteQuantity,
    price,
    ...stop,
    reduceOnly: false,
    responseType: readResponseType(params['newOrderRespType'], type),
    selfTradePrevention: readSelfTradePrevention(params['selfTradePreventionMode']),
  }
}

/** Stop price or trailing distance of the types that sleep. The engine follows the market for plain stops only. */
function readStop(type: string, params: VenueParams): Pick<OrderDraft, 'stopPrice' | 'trailingDelta'> {
  if (!isSleeper(type)) {
    unwanted(params, 'stopPrice')
    unwanted(params, 'trailingDelta')
    return { stopPrice: null, trailingDelta: null }
  }
  const trailingDelta = integerIn(params, 'trailingDelta') ?? null
  if (trailingDelta === null) return { stopPrice: requiredAmount(params, 'stopPrice'), trailingDelta }
  if (type !== 'STOP_LOSS' || params['stopPrice'] !== undefined) {
    throw new VenueError(-2010, 'Unsupported order combination')
  }
  return { stopPrice: null, trailingDelta }
}

export function readSide(text: string | undefined): WireSide {
  if (text === undefined) required({}, 'side')
  if (text !== 'BUY' && text !== 'SELL') throw new VenueError(-1117, 'Invalid side.')
  return text
}

function readTimeInForce(text: string): WireTimeInForce {
  if (text !== 'GTC' && text !== 'IOC' && text !== 'FOK') throw new VenueError(-1115, 'Invalid timeInForce.')
  return text
}

/** -1100 for an id with characters or a length that the venue does not take. */
export function readClientId(text: string | undefined, name: string): string | undefined {
  if (text === undefined || idPattern.test(text)) return text
  const legal = "legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'"
  throw new VenueError(-1100, `Illegal characters found in parameter '${name}'; ${legal}.`)
}

function readResponseType(text: string | undefined, type: string): OrderDraft['responseType'] {
  if (text === undefined) return type === 'MARKET' || type === 'LIMIT' ? 'FULL' : 'ACK'
  if (text !== 'ACK' && text !== 'RESULT' && text !== 'FULL') throw new VenueError(-1136, 'Invalid newOrderRespType.')
  return text
}

function readSelfTradePrevention(text: string | undefined): string {
  if (text === undefined || text === 'EXPIRE_TAKER') return 'EXPIRE_TAKER'
  throw new VenueError(-1013, 'This symbol does not allow the specified self-trade prevention mode.')
}
