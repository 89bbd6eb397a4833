import type { Bus } from './bus.js'

/**
 * Resolves when what new subscriptions find there (last values, messages that waited) has been handled. In one process that is so when
 * `subscribe` returns, and nothing is waited for; across a network it is on its way.
 */
export async function firstWords(bus: Bus): Promise<void> {
  if (bus.kind !== 'memory') await bus.settled()
}
