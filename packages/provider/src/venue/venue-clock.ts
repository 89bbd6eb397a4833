import { BarfinexError, type Clock, createVirtualClock, createWallTimer } from '@barfinex/core'

/** The venue's clock as the venue itself drives it. */
export interface VenueClock {
  readonly clock: Clock
  /** Moves on by so much at once, running what falls due on the way. */
  advance(ms: number): Promise<void>
  /** Venue time over wall time from now on; 0 lets it stand. */
  pace(speed: number): Promise<void>
  stop(): Promise<void>
}

export interface VenueClockOptions {
  /** A clock that somebody else drives; the venue then only reads it. */
  readonly clock?: Clock
  /** First instant of the venue's own clock; the present when absent, so that a client's timestamps fit. */
  readonly startAt?: number
  /** Venue time over wall time; 1 when absent. */
  readonly pace?: number
}

/** Far enough away that no venue lives to see it. */
const foreverMs = 4_000_000_000_000

/** Makes the venue's clock: a virtual one that walks with the wall and can be pushed on, unless another is handed in. */
export function createVenueClock(options: VenueClockOptions = {}): VenueClock {
  if (options.clock !== undefined) return drivenElsewhere(options.clock)
  const clock = createVirtualClock({ startAt: options.startAt ?? createWallTimer().date() })
  let speed = 0
  let walk: { readonly stopping: AbortController; readonly done: Promise<void> } | null = null
  let queue: Promise<void> = Promise.resolve()

  async function halt(): Promise<void> {
    walk?.stopping.abort()
    await walk?.done
    walk = null
  }

  function go(): void {
    if (speed === 0) return
    const stopping = new AbortController()
    const done = clock.run({ until: clock.now() + foreverMs, speed, abortSignal: stopping.signal })
    walk = { stopping, done }
  }

  /** One change of pace after the other. */
  function inTurn(task: () => Promise<void>): Promise<void> {
    const turn = queue.then(task)
    queue = turn.catch(() => {})
    return turn
  }

  speed = options.pace ?? 1
  go()
  return {
    clock,
    advance: (ms) =>
      inTurn(async () => {
        await halt()
        await clock.advanceBy(ms)
        go()
      }),
    pace: (next) =>
      inTurn(async () => {
        await halt()
        speed = next
        go()
      }),
    stop: () =>
      inTurn(async () => {
        speed = 0
        await halt()
      }),
  }
}

function drivenElsewhere(clock: Clock): VenueClock {
  const refuse = async () => {
    throw new BarfinexError(
      'options.invalid',
      'This venue runs on a clock that was given to it. Drive that clock instead.',
    )
  }
  return { clock, advance: refuse, pace: refuse, stop: async () => {} }
}
