import { createProcessAuthority, refuseSeal } from '@barfinex/core'
import { anOrder, newYear } from '@barfinex/core/testing'
import { describe, expect, it } from 'vitest'
import { type ApprovalTerms, approveCancel, approveOrder, cancelCommand, submitCommand } from './approve.js'

const authority = createProcessAuthority(new Uint8Array(32).fill(3))
const sealer = authority.claimSealer()
const terms: ApprovalTerms = { sealer, account: 'paper', epoch: 4, now: newYear, lifeMs: 10_000 }
const order = anOrder()

const refusal = (given: ReturnType<typeof approveOrder>, changed = order, account = 'paper', now = newYear) =>
  refuseSeal(authority.verifier, given.approval, { action: 'submit', order: changed }, account, now)

describe('approval', () => {
  it('covers one exact order on one account for a short time', () => {
    const approved = approveOrder(order, terms)
    expect(approved.approval).toMatchObject({
      account: 'paper',
      epoch: 4,
      clientOrderId: 'order-1',
      expiresAt: newYear + 10_000,
    })
    expect(refusal(approved)).toBeNull()
    expect(refusal(approved, { ...order, quantity: '0.51' })).toBe('order.seal.wrong-order')
    expect(refusal(approved, order, 'live')).toBe('order.seal.wrong-account')
    expect(refusal(approved, order, 'paper', newYear + 10_000)).toBe('order.seal.expired')
    const forged = { ...approved, approval: { ...approved.approval, expiresAt: newYear + 99_000 } } as typeof approved
    expect(refusal(forged)).toBe('order.seal.forged')
  })

  it('is the same for the same action at the same instant, and no two actions share a nonce', () => {
    expect(approveOrder(order, terms)).toEqual(approveOrder(order, terms))
    const nonces = [
      approveOrder(order, terms),
      approveOrder(order, { ...terms, now: newYear + 1 }),
      approveOrder(order, { ...terms, epoch: 5 }),
      approveOrder(anOrder({ clientOrderId: 'order-2' }), terms),
      approveCancel('order-1', order.symbol, 0, terms),
      approveCancel('order-1', order.symbol, 1, terms),
    ].map(({ approval }) => approval.nonce)
    expect(new Set(nonces).size).toBe(nonces.length)
  })

  it('travels in a command whose id follows from what it does', () => {
    expect(submitCommand(approveOrder(order, terms), 'paper').commandId).toBe('submit.order-1')
    const cancel = approveCancel('order-1', order.symbol, 2, terms)
    expect(cancelCommand(cancel, 2, 'paper')).toMatchObject({
      type: 'cancel',
      commandId: 'cancel.order-1.2',
      account: 'paper',
    })
  })
})
