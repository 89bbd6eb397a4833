import { expect } from 'vitest'
import type { Bus } from '../bus/bus.js'
import { nextTurn } from '../runtime/next-turn.js'

export interface BusSettings {
  /** Messages of one key that may wait for one slow reader. */
  readonly queueLimit?: number
  readonly onHandlerFault?: (error: unknown, channel: string) => void
}

/** Makes an empty bus. Each case of the contract gets one of its own and closes it. */
export type MakeBus = (settings: BusSettings) => Bus | Promise<Bus>

/** Runs a case on a fresh bus. Faults of handlers are counted by the bus; a case that expects none must say so itself. */
export async function onBus(makeBus: MakeBus, settings: BusSettings, run: (bus: Bus) => Promise<void>): Promise<void> {
  const bus = await makeBus({ onHandlerFault: () => {}, ...settings })
  try {
    await run(bus)
  } finally {
    await bus.close()
  }
}

/** A promise that somebody else opens. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function gate(): Gate {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

/** Waits until something is true, turn by turn of the event loop; fails after 100,000 turns. */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000; turn += 1) {
    if (isTrue()) return
    await nextTurn()
  }
  expect.fail(`It never came true that ${what}.`)
}
