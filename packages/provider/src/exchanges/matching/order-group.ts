import type { WorkingOrder } from './working-order.js'

/** Adds an order to the group in which one cancels the others. */
export function joinGroup(order: WorkingOrder): void {
  const { account } = order
  const { ocoGroup } = order.order
  if (ocoGroup === null) return
  let group = account.groups.get(ocoGroup)
  if (group === undefined) {
    group = { orders: new Set(), lock: null }
    account.groups.set(ocoGroup, group)
  }
  group.orders.add(order)
}

export function leaveGroup(order: WorkingOrder): void {
  const { account } = order
  const { ocoGroup } = order.order
  const group = ocoGroup === null ? undefined : account.groups.get(ocoGroup)
  if (ocoGroup === null || group === undefined) return
  group.orders.delete(order)
  if (group.orders.size === 0) account.groups.delete(ocoGroup)
}
