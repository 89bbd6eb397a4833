import type { Handler } from '../bus/bus.js'
import type { Envelope } from '../bus/envelope.js'
import type { WallTimer } from '../runtime/wall-timer.js'
import type { Kernel } from './kernel.js'
import { isThenable } from './plain-reader.js'

/** A handler failed for good. */
export interface Failure {
  readonly why: string
}

export interface TryOptions {
  readonly kernel: Kernel
  readonly timer: WallTimer
  /** Told of every attempt that failed. */
  readonly onFault: (error: unknown) => void
}

/** Attempts before a message is set aside. */
export const attempts = 5
/** Wall milliseconds between two of them. */
const pausesMs = [1, 10, 50, 200] as const

/** Runs a handler until it ends well, five times at most. `undefined` when it did at once; else what became of it. */
export function tryHandler(
  handler: Handler<never>,
  envelope: Envelope<never>,
  options: TryOptions,
): Promise<Failure | null> | undefined {
  const first = call(handler, envelope, options)
  return first?.then((failure) => (failure === null ? null : tryAgain(handler, envelope, options)))
}

async function tryAgain(
  handler: Handler<never>,
  envelope: Envelope<never>,
  options: TryOptions,
): Promise<Failure | null> {
  let failure: Failure | null = null
  for (const pauseMs of pausesMs) {
    await new Promise<void>((resolve) => void options.timer.after(pauseMs, resolve))
    failure = await new Promise<Failure | null>((resolve) => {
      // What the handler says comes after everything that is being delivered.
      options.kernel.turn(() => resolve(call(handler, envelope, options) ?? null))
    })
    if (failure === null) return null
  }
  return failure
}

/** One attempt. `undefined` when it ended well at once. */
function call(
  handler: Handler<never>,
  envelope: Envelope<never>,
  { onFault }: TryOptions,
): Promise<Failure | null> | undefined {
  try {
    const result: unknown = handler(envelope)
    if (!isThenable(result)) return undefined
    return Promise.resolve(result).then(
      () => null,
      (error: unknown) => failed(error, onFault),
    )
  } catch (error) {
    return Promise.resolve(failed(error, onFault))
  }
}

function failed(error: unknown, onFault: TryOptions['onFault']): Failure {
  onFault(error)
  return { why: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
}
