import { covers, type WallTimer } from '@barfinex/core/browser'
import { createContext, use, useSyncExternalStore } from 'react'
import type { Studio } from '../src/connect-studio.js'
import type { StudioStatus } from '../src/studio-link.js'
import type { StudioView } from '../src/view-fold.js'

/** At most so often is anything drawn again, however much happens. */
const drawEveryMs = 100

/** A studio as React wants it: a picture that changes at most ten times a second. */
export interface StudioStore {
  readonly studio: Studio
  readonly timer: WallTimer
  subscribe(listener: () => void): () => void
  view(): StudioView
  status(): StudioStatus
  /** Wall time of the last frame, by the timer. */
  heardAt(): number
  close(): void
}

export function createStudioStore(studio: Studio, timer: WallTimer): StudioStore {
  const listeners = new Set<() => void>()
  let view = studio.view()
  let status = studio.status()
  let heardAt = timer.now()
  let isDue = false

  function draw(): void {
    isDue = false
    view = studio.view()
    status = studio.status()
    for (const listener of listeners) listener()
  }

  function touch(): void {
    if (isDue) return
    isDue = true
    timer.after(drawEveryMs, draw)
  }

  studio.view$.subscribe(() => {
    heardAt = timer.now()
    touch()
  })
  studio.status$.subscribe(touch)

  return {
    studio,
    timer,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    view: () => view,
    status: () => status,
    heardAt: () => heardAt,
    close: () => studio.close(),
  }
}

export const StoreContext = createContext<StudioStore | null>(null)

export function useStore(): StudioStore {
  const store = use(StoreContext)
  if (store === null) throw new Error('The store is given by the terminal.')
  return store
}

export function useView(): StudioView {
  const store = useStore()
  return useSyncExternalStore(store.subscribe, store.view)
}

export function useStatus(): StudioStatus {
  const store = useStore()
  return useSyncExternalStore(store.subscribe, store.status)
}

/** True when this session may give commands to this desk. */
export function useMayAct(): boolean {
  const { desk } = useStatus()
  return desk !== null && covers(desk.scopes, desk.actScope)
}
