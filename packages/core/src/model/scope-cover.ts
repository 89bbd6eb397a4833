import type { Scope } from '../flow/8-studio.js'

const ranks: Readonly<Record<Scope, number>> = { read: 0, paper: 1, trade: 2, admin: 3 }

/** True when one of the scopes held is the wanted one or includes it. */
export function covers(held: readonly Scope[], wanted: Scope): boolean {
  return held.some((scope) => ranks[scope] >= ranks[wanted])
}
