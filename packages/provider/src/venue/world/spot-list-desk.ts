import { VenueError, type VenueParams, type VenueReply } from '../venue-world.js'
import type { Units } from './amount.js'
import type { OrderDraft } from './order-draft.js'
import { OrderList } from './order-list.js'
import { readClientId, readSide } from './read-spot-order.js'
import { integerIn, required } from './read-value.js'
import { type SpotDesk, type SpotDeskOptions, unknownOrder } from './spot-desk.js'
import { canceledReply, placedReply } from './spot-rows.js'
import type { VenueOrder } from './venue-order.js'

export interface SpotListDeskOptions extends SpotDeskOptions {
  readonly desk: SpotDesk
  readonly now: () => number
  readonly tell: (list: OrderList) => void
}

const rising = ['STOP_LOSS', 'STOP_LOSS_LIMIT']
const resting = ['LIMIT_MAKER', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT']

/** The acts on lists of spot orders. */
export class SpotListDesk {
  private nextListId = 0
  private readonly all = new Map<string, OrderList[]>()

  constructor(private readonly options: SpotListDeskOptions) {}

  /** Two orders of one side, above and below the market: one ends the other. */
  oco(accountId: string, params: VenueParams): VenueReply {
    const { desk } = this.options
    const above = desk.read(legParams(params, 'above', { side: 'side', quantity: 'quantity' }))
    const below = desk.read(legParams(params, 'below', { side: 'side', quantity: 'quantity' }))
    checkPair(above, below, above.listed.lastPrice)
    const list = this.open(accountId, params, 'OCO', [above, below])
    this.counted(list, 2, () => this.enterAll(list, [above, below], `list-${list.id}`))
    return replyOf(list)
  }

  /** An order, and one that comes to life when it is filled whole. */
  oto(accountId: string, params: VenueParams): VenueReply {
    const { desk } = this.options
    const working = this.readWorking(params)
    const pending = desk.read(legParams(params, 'pending', { side: 'pendingSide', quantity: 'pendingQuantity' }))
    return this.openWaiting(accountId, params, working, [pending])
  }

  /** An order, and a pair that comes to life when it is filled whole. */
  otoco(accountId: string, params: VenueParams): VenueReply {
    const { desk } = this.options
    const working = this.readWorking(params)
    const shared = { side: 'pendingSide', quantity: 'pendingQuantity' }
    const above = desk.read(legParams(params, 'pendingAbove', shared))
    const below = desk.read(legParams(params, 'pendingBelow', shared))
    checkPair(above, below, null)
    return this.openWaiting(accountId, params, working, [above, below])
  }

  cancel(accountId: string, params: VenueParams): VenueReply {
    const { hall, lists, makeId } = this.options
    const listed = hall.listed(required(params, 'symbol'))
    const list = this.find(accountId, params, 'listClientOrderId')
    if (list === undefined || list.symbol !== listed.rules.id || list.isDone) throw unknownOrder()
    const cancelId = readClientId(params['newClientOrderId'], 'newClientOrderId') ?? makeId()
    const before = list.orders.filter((it) => it.isLive)
    lists.cancel(list, cancelId)
    return { ...list.row, orderReports: before.map((order) => canceledReply(order, cancelId)) }
  }

  /** A list by its id, or the newest that a client gave a name. */
  find(accountId: string, params: VenueParams, idName: string): OrderList | undefined {
    const id = integerIn(params, 'orderListId')
    const clientId = params[idName]
    const lists = this.listsOf(accountId)
    if (id !== undefined) return lists.find((it) => it.id === id)
    if (clientId === undefined) {
      throw new VenueError(-1102, `Param 'orderListId' or '${idName}' must be sent, but both were empty/null!`)
    }
    return lists.findLast((it) => it.clientId === clientId)
  }

  listsOf(accountId: string): readonly OrderList[] {
    return this.all.get(accountId) ?? []
  }

  private readWorking(params: VenueParams): OrderDraft {
    const shared = { side: 'workingSide', quantity: 'workingQuantity' }
    const working = this.options.desk.read(legParams(params, 'working', shared))
    if (working.type === 'LIMIT' || working.type === 'LIMIT_MAKER') return working
    throw new VenueError(-1116, 'Invalid orderType.')
  }

  private openWaiting(
    accountId: string,
    params: VenueParams,
    working: OrderDraft,
    children: readonly OrderDraft[],
  ): VenueReply {
    const { register } = this.options
    const list = this.open(accountId, params, 'OTO', [working, ...children])
    this.counted(list, 1 + children.length, () =>
      register.together(() => {
        const first = this.join(list, working)
        const waiting = children.map((draft) => this.join(list, draft))
        list.pending = [...waiting]
        register.enter(first, null)
        for (const order of waiting) register.keep(order)
        this.opened(list)
      }),
    )
    return replyOf(list)
  }

  private enterAll(list: OrderList, drafts: readonly OrderDraft[], group: string): void {
    const { register } = this.options
    register.together(() => {
      const entered: VenueOrder[] = []
      const orders = drafts.map((draft) => this.join(list, draft))
      for (const order of orders) {
        try {
          register.enter(order, group)
        } catch (error) {
          for (const earlier of entered) register.undo(earlier)
          throw error
        }
        entered.push(order)
      }
      this.opened(list)
    })
  }

  private open(
    accountId: string,
    params: VenueParams,
    contingency: 'OCO' | 'OTO',
    drafts: readonly [OrderDraft, ...OrderDraft[]],
  ): OrderList {
    const { desk, makeId, now } = this.options
    desk.check(accountId, drafts)
    const clientId = readClientId(params['listClientOrderId'], 'listClientOrderId') ?? makeId()
    if (this.listsOf(accountId).some((it) => it.clientId === clientId && !it.isDone)) {
      throw new VenueError(-2010, 'Duplicate order sent.')
    }
    return new OrderList(this.nextListId, accountId, drafts[0].listed.rules.id, contingency, clientId, now())
  }

  /** Counts the orders of a list, unless it is refused. */
  private counted(list: OrderList, orders: number, run: () => void): void {
    const counts = this.options.counts(list.accountId)
    counts.add(orders)
    try {
      run()
    } catch (error) {
      counts.release(orders)
      throw error
    }
  }

  private join(list: OrderList, draft: OrderDraft): VenueOrder {
    const order = this.options.register.make(list.accountId, draft)
    order.list = list
    list.orders.push(order)
    return order
  }

  /** The list is taken: only now it exists. */
  private opened(list: OrderList): void {
    this.nextListId += 1
    const lists = this.all.get(list.accountId) ?? []
    this.all.set(list.accountId, lists)
    lists.push(list)
    this.options.tell(list)
  }
}

function replyOf(list: OrderList): VenueReply {
  return { ...list.row, orderReports: list.orders.map(placedReply) }
}

/** One leg's parameters under the names of a single order. */
function legParams(
  params: VenueParams,
  prefix: string,
  shared: { readonly side: string; readonly quantity: string },
): VenueParams {
  required(params, 'symbol')
  readSide(params[shared.side])
  const names: readonly (readonly [string, string])[] = [
    ['symbol', 'symbol'],
    ['side', shared.side],
    ['quantity', shared.quantity],
    ['type', `${prefix}Type`],
    ['newClientOrderId', `${prefix}ClientOrderId`],
    ['price', `${prefix}Price`],
    ['stopPrice', `${prefix}StopPrice`],
    ['trailingDelta', `${prefix}TrailingDelta`],
    ['timeInForce', `${prefix}TimeInForce`],
    ['icebergQty', `${prefix}IcebergQty`],
    ['selfTradePreventionMode', 'selfTradePreventionMode'],
  ]
  const leg: Record<string, string> = { newOrderRespType: params['newOrderRespType'] ?? 'RESULT' }
  for (const [name, given] of names) {
    const value = params[given]
    if (value !== undefined) leg[name] = value
  }
  required({ [`${prefix}Type`]: leg['type'] ?? '' }, `${prefix}Type`)
  return leg
}

/** A pair stands on both sides of the market: the one that stops and the one that takes profit. */
function checkPair(above: OrderDraft, below: OrderDraft, last: Units | null): void {
  const isSell = above.side === 'SELL'
  const fitsAbove = (isSell ? resting : rising).includes(above.type)
  const fitsBelow = (isSell ? rising : resting).includes(below.type)
  if (!fitsAbove || !fitsBelow) throw new VenueError(-1158, 'Order type not supported in OCO.')
  const high = above.stopPrice ?? above.price
  const low = below.stopPrice ?? below.price
  const isApart = high === null || low === null || high > low
  const isAround = last === null || ((high === null || high > last) && (low === null || low < last))
  if (isApart && isAround) return
  throw new VenueError(-2010, 'The relationship of the prices for the orders is not correct.')
}
