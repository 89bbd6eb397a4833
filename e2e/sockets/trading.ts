import { type Bus, type CancelTask, type Clock, Decimal, flow } from '@barfinex/core'
import { anIntent } from '@barfinex/core/testing'
import { between } from '../faults/fates.js'
import type { SocketWorld } from './socket-world.js'

/** A market, and who can be asked to trade there. */
export interface Proposer {
  readonly clock: Clock
  bus(): Bus
  price(): number
}

export interface TradingOptions {
  /** How far away stop and target are, as shares of the price. */
  readonly stop?: number
  readonly target?: number
  /** Least and longest time between two entries, in milliseconds. */
  readonly everyMs?: readonly [number, number]
  /** Whether the price is thrown about, so that stops and targets are met. */
  readonly shakes?: boolean
}

/** Asks for an entry as the advisor would: at the market, or by a limit so far above (below) the price. */
export function propose(to: Proposer, limitAt: number | null, { stop = 0.003, target = 0.004 } = {}): string {
  const { clock, price } = to
  const now = clock.now()
  const intentId = `intent-${now}`
  const at = (share: number): string => cents(price() * share)
  const intent = anIntent({
    intentId,
    decisionId: `decision-${now}`,
    strategyId: `strategy-${now}`,
    entry: limitAt === null ? 'market' : 'limit',
    limitPrice: limitAt === null ? null : at(limitAt),
    referencePrice: at(1),
    stopPrice: at(1 - stop),
    targetPrice: at(1 + target),
    issuedAt: now,
    expiresAt: now + 30_000,
  })
  to.bus().publisher(flow.intent, 'advisor', 1).publish(intent, { occurredAt: now })
  return intentId
}

/** Moves the market by a share of its price. */
export function movePrice({ venue, price }: Pick<SocketWorld, 'venue' | 'price'>, share: number): void {
  venue.world.movePrice('spot', 'BTCUSDT', cents(price() * share))
}

/** On the tick, in canonical form. */
function cents(price: number): string {
  return Decimal.fromNumber(Math.round(price * 100) / 100).toString()
}

/** Does something again and again at drawn intervals until it is ended. */
export function again(world: SocketWorld, label: string, [from, to]: readonly [number, number], act: () => void) {
  const { clock } = world
  const random = world.random.fork(label)
  let cancel: CancelTask = () => {}
  const plan = (): void => {
    cancel = clock.schedule(clock.now() + between(random, from, to), () => {
      plan()
      act()
    })
  }
  plan()
  return () => cancel()
}

/** Enters now and then, and lets the price meet stops and targets. Returns how to end it. */
export function startTrading(world: SocketWorld, options: TradingOptions = {}): () => void {
  const random = world.random.fork('trading')
  const ends = [
    again(world, 'entries', options.everyMs ?? [2_000, 8_000], () =>
      propose(world, random.next() < 0.5 ? null : 1.0003, options),
    ),
  ]
  if (options.shakes !== false) {
    ends.push(again(world, 'shakes', [2_000, 6_000], () => movePrice(world, 0.9945 + random.next() * 0.011)))
  }
  return () => {
    for (const end of ends) end()
  }
}
