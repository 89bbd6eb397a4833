import {
  brokenRules,
  Decimal,
  decimal,
  freezeDeep,
  type InstrumentRules,
  type Order,
  type OrderCommand,
  type Reason,
  refuseSeal,
  type SealedAction,
  type SealRefusal,
  schemas,
  type TradingState,
  type Verifier,
} from '@barfinex/core'
import type { ExchangeCapabilities } from '../exchanges/exchange.js'
import { isCash } from './account-fold.js'

/** Everything the gateway judges a command by. */
export interface GatewayView {
  /** Kernel time. */
  readonly now: number
  readonly account: string
  readonly verifier: Verifier
  readonly capabilities: ExchangeCapabilities
  /** Highest Inspector epoch that something was sealed with. */
  readonly epoch: number
  /** A higher one in whose name somebody has spoken who has sealed nothing; `null` when there is none. */
  readonly claimedEpoch: number | null
  isUsed(nonce: string): boolean
  isKnownOrder(clientOrderId: string): boolean
  readonly isInspectorHealthy: boolean
  readonly tradingState: TradingState['state']
  /** Whether the ledger agrees with the exchange. */
  readonly isAccountKnown: boolean
  /** Whether fills and ends of orders from before this start have been fetched. */
  readonly isCaughtUp: boolean
  readonly isDraining: boolean
  readonly journalFault: Error | null
  rulesOf(symbol: string): InstrumentRules | undefined
  /** Open quantity, above zero long. */
  positionOf(symbol: string): Decimal
  /** What working orders of ours may sell beside this one, in base; `null` when one of them sells the very same. */
  promisedSales(order: Order): Decimal | null
  /** Newest price; `null` when there is none. */
  priceOf(symbol: string): Decimal | null
}

export interface Refusal {
  readonly reason: Reason
  /**
   * `replay`: the action is known already. `forged`: nobody who may has sealed this. Of neither may an order event speak: it would be
   * heard as word about an order that is, or is to come, under this id.
   */
  readonly kind: 'forged' | 'replay' | 'refused'
}

const sealMessages: Readonly<Record<SealRefusal, string>> = {
  'order.seal.forged': 'The approval does not carry a seal of Inspector.',
  'order.seal.wrong-order': 'The approval belongs to another order, or the order was changed after it.',
  'order.seal.wrong-account': 'The approval belongs to another account.',
  'order.seal.expired': 'The approval has expired.',
}

/** Rules that hold for leaving a position too; the others must not stand in the way of it. */
const rulesOfForm: ReadonlySet<string> = new Set([
  'order.rule.step',
  'order.rule.tick',
  'order.rule.min-quantity',
  'order.rule.max-quantity',
])

/**
 * Judges a command that is believed ({@link refuseBelief}): may it be done? Entries only while an Inspector watches, trading is active,
 * the account is known and the instrument trades; what shrinks a position, and cancels, pass without these. `null` lets it pass.
 * Pure: the same command and view give the same answer.
 */
export function refuseAction(command: OrderCommand, view: GatewayView): Refusal | null {
  const reason = command.type === 'cancel' ? refuseCancel(command, view) : refuseOrder(command.order, view)
  return reason === null ? null : { reason, kind: 'refused' }
}

/**
 * Reads a command once, into a record that is nobody else's and cannot be changed: what is judged is what is sent, whoever
 * holds the message and whatever they do to it meanwhile.
 */
export function readCommand(message: unknown): { readonly command: OrderCommand } | { readonly refusal: Refusal } {
  const parsed = schemas.orderCommand.safeParse(message)
  if (parsed.success) return { command: freezeDeep(parsed.data) }
  const where = parsed.error.issues[0]?.path.join('.') ?? ''
  const isUnsealed = where === '' || where.startsWith('approval')
  return {
    refusal: isUnsealed
      ? refusal('forged', 'order.seal.missing', 'The command carries no approval.')
      : refusal('forged', 'order.gateway.malformed', `The command is not well formed at "${where}".`),
  }
}

/** What a command asks for, as it is sealed. */
export function sealedAction(command: OrderCommand): SealedAction {
  return command.type === 'submit'
    ? { action: 'submit', order: command.order }
    : { action: 'cancel', clientOrderId: command.clientOrderId, symbol: command.symbol }
}

/**
 * Judges a command that {@link readCommand} has read: may it be believed? Seal, account, first use, expiry, epoch, in this order:
 * whatever is not `forged` bears a seal of Inspector for this account. `null`: believed. Pure.
 */
export function refuseBelief(command: OrderCommand, view: GatewayView): Refusal | null {
  const { approval } = command
  const broken = refuseSeal(view.verifier, approval, sealedAction(command), view.account, view.now)
  if (broken !== null && broken !== 'order.seal.expired') return refusal('forged', broken, sealMessages[broken])
  if (command.account !== view.account) {
    return refusal('forged', 'order.gateway.other-account', `This gateway serves ${view.account}.`, view.account)
  }
  if (view.isUsed(approval.nonce)) {
    return refusal('replay', 'order.seal.reused', 'The approval has been used already; each is good for one use.')
  }
  if (command.type === 'submit' && view.isKnownOrder(command.order.clientOrderId)) {
    return refusal('replay', 'order.gateway.duplicate', `Order ${command.order.clientOrderId} exists already.`)
  }
  if (broken !== null) {
    const { expiresAt } = approval
    return {
      kind: 'refused',
      reason: { code: broken, message: sealMessages[broken], limit: expiresAt, observed: view.now },
    }
  }
  if (approval.epoch < view.epoch) {
    const message = 'The approval is by an Inspector that has been replaced.'
    return {
      kind: 'refused',
      reason: { code: 'order.seal.stale-epoch', message, limit: view.epoch, observed: approval.epoch },
    }
  }
  return null
}

function refuseCancel(command: Extract<OrderCommand, { type: 'cancel' }>, view: GatewayView): Reason | null {
  const stopped = refuseStopped(view)
  if (stopped !== null) return stopped
  if (view.isKnownOrder(command.clientOrderId)) return null
  return { code: 'order.gateway.unknown-order', message: `There is no order ${command.clientOrderId} to cancel.` }
}

function refuseOrder(order: Order, view: GatewayView): Reason | null {
  const stopped = refuseStopped(view)
  if (stopped !== null) return stopped
  const rules = view.rulesOf(order.symbol)
  if (rules === undefined) {
    return { code: 'order.gateway.unknown-symbol', message: `${order.symbol} is not traded here.` }
  }
  const { capabilities } = view
  const missing = !capabilities.orderTypes.includes(order.type)
    ? `orders of type ${order.type}`
    : !capabilities.timesInForce.includes(order.timeInForce)
      ? `orders ${order.timeInForce}`
      : order.postOnly && !capabilities.postOnly
        ? 'post-only orders'
        : order.reduceOnly && !capabilities.reduceOnly
          ? 'reduce-only orders'
          : null
  if (missing !== null) {
    return { code: 'order.gateway.not-supported', message: `The exchange does not take ${missing}.` }
  }
  const opens = isOpening(order, view.positionOf(order.symbol))
  const broken = brokenRules(rules, order, view.priceOf(order.symbol)).find((it) => opens || rulesOfForm.has(it.code))
  if (broken !== undefined) return broken
  return opens ? refuseEntry(view) : refuseCashSale(order, rules, view)
}

/**
 * On a spot market nothing at the exchange knows what is a position and what its owner held before: a sale that should only
 * reduce would sell that, too. So what is held has to be known here, and each part of it is sold by one order at a time.
 */
function refuseCashSale(order: Order, { instrument }: InstrumentRules, view: GatewayView): Reason | null {
  if (!isCash(instrument) || order.side === 'buy') return null
  if (!view.isCaughtUp) {
    const message = 'What was sold before this start is not known yet. The exchange is being asked.'
    return { code: 'order.gateway.behind', message }
  }
  const held = view.positionOf(order.symbol)
  if (!held.isPositive) {
    return { code: 'order.gateway.nothing-held', message: `Nothing of ${order.symbol} is open that could be sold.` }
  }
  const code = 'order.gateway.oversold'
  const promised = view.promisedSales(order)
  if (promised === null) {
    const message = 'The stop beside it sells the same, and the exchange ends none of them when the other one fills.'
    return { code, message, limit: '0', observed: order.quantity }
  }
  if (!decimal(order.quantity).greaterThan(held.minus(promised))) return null
  const message = `${held} ${order.symbol} are open, of which other orders sell ${promised}; ${order.quantity} cannot be sold.`
  const limit = held.minus(promised).max(Decimal.zero).toString()
  return { code, message, limit, observed: order.quantity }
}

/** True unless the order can only shrink what is open: decided by the position, not by the order's label. */
export function isOpening(order: Pick<Order, 'side' | 'quantity' | 'reduceOnly'>, position: Decimal): boolean {
  if (order.reduceOnly) return false
  const isAgainst = order.side === 'buy' ? position.isNegative : position.isPositive
  return !isAgainst || decimal(order.quantity).greaterThan(position.abs())
}

function refuseStopped(view: GatewayView): Reason | null {
  if (view.journalFault !== null) {
    const message = `The journal could not be written (${view.journalFault.message.slice(0, 200)}). Nothing is sent any more.`
    return { code: 'order.gateway.journal-fault', message }
  }
  return null
}

function refuseEntry(view: GatewayView): Reason | null {
  if (view.isDraining)
    return { code: 'order.gateway.draining', message: 'Provider is draining; nothing new is opened.' }
  if (!view.isInspectorHealthy) {
    return { code: 'order.gateway.no-inspector', message: 'No healthy Inspector watches the account.' }
  }
  if (view.claimedEpoch !== null) {
    const message = `An Inspector of epoch ${view.claimedEpoch} has spoken and sealed nothing yet; nothing new is opened for one before it. If there is none, find out who wrote to inspector.trading-state, and start Inspector and Provider again.`
    return { code: 'order.gateway.contested', message, limit: view.claimedEpoch, observed: view.epoch }
  }
  if (view.tradingState !== 'active') {
    const message = `Trading is ${view.tradingState}; nothing new is opened.`
    return { code: 'order.gateway.not-active', message, limit: 'active', observed: view.tradingState }
  }
  if (!view.isAccountKnown) {
    return { code: 'order.gateway.account-unknown', message: 'The account does not agree with the exchange.' }
  }
  return null
}

function refusal(kind: Refusal['kind'], code: string, message: string, limit?: string): Refusal {
  return { kind, reason: limit === undefined ? { code, message } : { code, message, limit } }
}
