import type { Bus, Unsubscribe } from '../bus/bus.js'
import type { ServiceStatus } from '../flow/7-service.js'
import { flow } from '../flow/map.js'
import { createWallTimer, type WallTimer } from '../runtime/wall-timer.js'

/**
 * Whether there is a Provider. What a status says outlives who said it: it counts together with signs of life that were heard here, of
 * the same start, lately.
 */
export interface ProviderWatch {
  readonly isThere: boolean
  /** Resolves when it is; rejects with the signal's reason when that aborts. */
  arrived(abortSignal: AbortSignal): Promise<void>
  stop(): void
}

interface Instance {
  readonly status: ServiceStatus | null
  readonly beatEpoch: number | null
  /** By the wall: what two machines call now differs. */
  readonly heardAt: number
  readonly everyMs: number
}

const unknown: Instance = { status: null, beatEpoch: null, heardAt: 0, everyMs: 0 }

/** Begins to listen. */
export function watchProvider(bus: Bus, timer: WallTimer = createWallTimer()): ProviderWatch {
  const instances = new Map<string, Instance>()
  const waiting = new Set<() => void>()

  function isThere(): boolean {
    for (const { status, beatEpoch, heardAt, everyMs } of instances.values()) {
      const isUp = status !== null && (status.state === 'ready' || status.state === 'degraded')
      if (isUp && status.epoch === beatEpoch && timer.now() - heardAt <= everyMs * 2) return true
    }
    return false
  }

  function learn(instance: string, news: Partial<Instance>): void {
    instances.set(instance, { ...(instances.get(instance) ?? unknown), ...news })
    if (isThere()) for (const tell of [...waiting]) tell()
  }

  const unsubscribes: Unsubscribe[] = [
    bus.subscribe(flow.serviceStatus, ({ payload }) => {
      if (payload.service === 'provider') learn(payload.instance, { status: payload })
    }),
    bus.subscribe(flow.heartbeat, ({ payload }) => {
      if (payload.service !== 'provider') return
      learn(payload.instance, { beatEpoch: payload.epoch, heardAt: timer.now(), everyMs: payload.everyMs })
    }),
  ]

  return {
    get isThere() {
      return isThere()
    },
    arrived(abortSignal) {
      return new Promise((resolve, reject) => {
        const done = () => {
          waiting.delete(done)
          abortSignal.removeEventListener('abort', leave)
          resolve()
        }
        const leave = () => {
          waiting.delete(done)
          reject(abortSignal.reason)
        }
        if (abortSignal.aborted) leave()
        else if (isThere()) done()
        else {
          waiting.add(done)
          abortSignal.addEventListener('abort', leave, { once: true })
        }
      })
    },
    stop() {
      for (const unsubscribe of unsubscribes) unsubscribe()
    },
  }
}
