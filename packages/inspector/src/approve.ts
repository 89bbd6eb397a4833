import {
  type Approval,
  type ApprovedCancel,
  type ApprovedOrder,
  approvalText,
  derivedId,
  type Order,
  type OrderCommand,
  type SealedAction,
  type Sealer,
  sealedCancel,
  sealedOrder,
  subjectHashOf,
} from '@barfinex/core'

/** Who seals, for which account, and how long a seal is good. */
export interface ApprovalTerms {
  readonly sealer: Sealer
  readonly account: string
  readonly epoch: number
  readonly now: number
  /** Short: a captured seal must not be worth keeping. */
  readonly lifeMs: number
}

/**
 * Mints the seal over one exact action. The nonce is made from the action and the instant, so that a replay makes the same seal
 * and no two actions share one.
 */
function mintApproval(action: SealedAction, commandId: string, terms: ApprovalTerms): Approval {
  const { sealer, account, epoch, now, lifeMs } = terms
  const unsigned = {
    account,
    epoch,
    clientOrderId: action.action === 'submit' ? action.order.clientOrderId : action.clientOrderId,
    subjectHash: subjectHashOf(action),
    expiresAt: now + lifeMs,
    nonce: derivedId('nonce', account, String(epoch), commandId, String(now)),
    keyId: sealer.keyId,
  }
  return { ...unsigned, signature: sealer.seal(approvalText(unsigned)) }
}

/** Seals an order that {@link inspect} has approved. Nothing else may call this. */
export function approveOrder(order: Order, terms: ApprovalTerms): ApprovedOrder {
  const own = { ...order }
  return sealedOrder(own, mintApproval({ action: 'submit', order: own }, submitId(own.clientOrderId), terms))
}

/** Seals taking an order back. `attempt` counts the askings: each is an action of its own. */
export function approveCancel(
  clientOrderId: string,
  symbol: string,
  attempt: number,
  terms: ApprovalTerms,
): ApprovedCancel {
  const action = { action: 'cancel', clientOrderId, symbol } as const
  return sealedCancel(clientOrderId, symbol, mintApproval(action, cancelId(clientOrderId, attempt), terms))
}

export function submitCommand(approved: ApprovedOrder, account: string): OrderCommand {
  const { order, approval } = approved
  return { type: 'submit', commandId: submitId(order.clientOrderId), account, order, approval }
}

export function cancelCommand(approved: ApprovedCancel, attempt: number, account: string): OrderCommand {
  const { clientOrderId, symbol, approval } = approved
  return { type: 'cancel', commandId: cancelId(clientOrderId, attempt), account, clientOrderId, symbol, approval }
}

function submitId(clientOrderId: string): string {
  return `submit.${clientOrderId}`
}

function cancelId(clientOrderId: string, attempt: number): string {
  return `cancel.${clientOrderId}.${attempt}`
}
