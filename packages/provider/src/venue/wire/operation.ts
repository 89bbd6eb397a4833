import type { VenueAccount, VenueMarket, VenueParams, VenueReadOptions, VenueWorld } from '../venue-world.js'

/** What an operation is given. */
export interface OperationContext {
  readonly world: VenueWorld
  /** Without `timestamp`, `recvWindow`, `apiKey` and `signature`. */
  readonly values: VenueParams
  /** How far the records it reads lag behind. */
  readonly read: VenueReadOptions
  /** Who asks; throws where the operation needs no key. */
  account(): VenueAccount
}

/** How a caller shows who it is: not at all, by its key alone, by a signature, or by one of Ed25519 only. */
export type Security = 'none' | 'key' | 'signed' | 'ed25519'

/** One thing the venue does when asked, by REST, over the WebSocket API, or both. */
export interface Operation {
  /** `GET /api/v3/order`. */
  readonly rest?: string
  /** `order.status`. */
  readonly method?: string
  /** Spot unless said otherwise. */
  readonly market?: VenueMarket
  readonly security: Security
  readonly weight: number | ((values: VenueParams) => number)
  /** Parameters that must be there. */
  readonly needs?: readonly string[]
  /** Parameters that may be there. */
  readonly takes?: readonly string[]
  /** An order that is placed or cancelled costs no weight when it succeeds. */
  readonly isAct?: boolean
  /** Throws `VenueError` to refuse. */
  run(context: OperationContext): unknown
}

export function weightOf(operation: Operation, values: VenueParams): number {
  return typeof operation.weight === 'number' ? operation.weight : operation.weight(values)
}
