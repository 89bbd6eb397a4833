import { accountKnown } from './account-known.js'
import { fundsAvailable } from './funds-available.js'
import { intentAlive } from './intent-alive.js'
import { nothingBorrowed } from './nothing-borrowed.js'
import { oncePerDecision } from './once-per-decision.js'
import { oneDirection } from './one-direction.js'
import { positionStaying } from './position-staying.js'
import { protectiveReserve } from './protective-reserve.js'
import type { Rule } from './rule.js'
import { selfTrade } from './self-trade.js'
import { shrinksPosition } from './shrinks-position.js'
import { soldOnce } from './sold-once.js'
import { stopOnRightSide, stopWaits } from './stop-on-right-side.js'
import { protectable, tradable } from './tradable.js'
import { tradingAllowed } from './trading-allowed.js'

/** Asked of every entry, before the configured policies. */
export const entryRules: readonly Rule[] = Object.freeze([
  tradingAllowed,
  accountKnown,
  intentAlive,
  oncePerDecision,
  positionStaying,
  protectiveReserve,
  tradable,
  nothingBorrowed,
  stopOnRightSide,
  oneDirection,
  selfTrade,
  fundsAvailable,
])

/** Asked of stops, targets and exits. Nothing here depends on data that could be missing in trouble. */
export const protectiveRules: readonly Rule[] = Object.freeze([shrinksPosition, soldOnce, protectable, stopWaits])
