import type { BusHealth } from '../bus/bus.js'
import type { ChannelWires } from './channel-wires.js'
import type { Kernel } from './kernel.js'

/** What a bus says about itself. */
export function healthOf(connected: boolean, wires: ReadonlyMap<string, ChannelWires>, { counts }: Kernel): BusHealth {
  const droppedCount: Record<string, number> = {}
  for (const [name, { topic }] of wires) if (topic.droppedCount > 0) droppedCount[name] = topic.droppedCount
  return {
    connected,
    droppedCount,
    handlerFaultCount: counts.handlerFaults,
    deadLetterCount: counts.deadLetters,
    queuedCount: counts.queued,
    memoryLossCount: counts.memoryLosses,
  }
}
