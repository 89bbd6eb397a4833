import { z } from 'zod'
import { clientOrderId } from './5-order.js'
import { identifier, instantMs, symbol } from './primitives.js'

export const operatorCommand = z.object({
  commandId: identifier,
  /**
   * `kill`: halt and cancel every entry order; positions keep their protection, or are left where Inspector is set so. `halt`: nothing passes but cancels and protection.
   * `reduceOnly`: no new risk. `resume`: back to active. `closeAll`, `closePosition`: leave by market.
   * `cancelOrder`: take one order back. `releaseStrategy`: let a quarantined strategy try again.
   */
  type: z.enum([
    'kill',
    'halt',
    'reduceOnly',
    'resume',
    'closeAll',
    'closePosition',
    'cancelOrder',
    'cancelEntries',
    'releaseStrategy',
  ]),
  account: identifier,
  symbol: symbol.nullable(),
  clientOrderId: clientOrderId.nullable(),
  strategyId: identifier.nullable(),
  /** Who asked: a name, never a secret. */
  by: identifier,
  why: z.string().max(300),
  issuedAt: instantMs,
  /** Void from then on, so a captured command cannot be played again later. */
  expiresAt: instantMs,
})
/** An order by a person (or a scoped tool) to the risk governor. */
export interface OperatorCommand extends z.infer<typeof operatorCommand> {}
