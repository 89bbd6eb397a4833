import type { Bus } from '../bus/bus.js'
import type { Log } from '../runtime/log.js'

/** Says once that the bus is away, and once that it is back and how long it was away. Ask it on the clock. */
export function watchBus(bus: Pick<Bus, 'health'>, log: Log, now: () => number): () => void {
  let awaySince: number | null = null
  return () => {
    const { connected } = bus.health()
    if (connected === (awaySince === null)) return
    if (awaySince === null) {
      awaySince = now()
      log.warn('Redis is away: nothing new is opened until it is back')
      return
    }
    const awayMs = Math.round(now() - awaySince)
    awaySince = null
    log.info('Redis is back', { awayMs })
  }
}
