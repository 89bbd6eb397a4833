import { flow, type OperatorCommand } from '@barfinex/core'
import { anOperatorCommand } from '@barfinex/core/testing'
import { expect, test } from 'vitest'
import { apartBus } from './apart-bus.js'
import type { World } from './fault-world.js'
import { survives } from './run-faults.js'

const minuteMs = 60_000
const minutes = 8
/** From the full minute, in which the desk enters. */
const leaveMs = 3_000

function closeAll({ life, venue, clock }: World): void {
  const issuedAt = clock.now()
  const command: OperatorCommand = anOperatorCommand({
    account: venue.account,
    commandId: `close-${issuedAt}`,
    type: 'closeAll',
    issuedAt,
    expiresAt: issuedAt + minuteMs,
  })
  life().bus.publisher(flow.operatorCommand, 'studio', 1).publish(command, { occurredAt: issuedAt })
}

test('orders, fills and the account arrive apart: nothing is left twice and nothing written off', async () => {
  const written: string[] = []
  let exits = 0
  let refused = 0
  await survives('apart', {
    lastsMs: minutes * minuteMs,
    // Coins of its owner, which an exchange would sell as well.
    deposits: { USDT: '100000', BTC: '10' },
    inspectorBus: (bus, clock, random) => apartBus(bus, clock, random, 900),
    strike(world) {
      const { bus } = world.life()
      bus.subscribe(flow.incident, ({ payload: { reason } }) => {
        if (reason.code === 'inspector.position.mismatch') written.push(`seed ${world.seed}: ${reason.message}`)
      })
      bus.subscribe(flow.orderEvent, ({ payload: { purpose, state } }) => {
        if (purpose !== 'exit') return
        if (state === 'filled') exits += 1
        if (state === 'denied' || state === 'rejected') refused += 1
      })
      // A person leaves everything that each minute has brought.
      for (let minute = 1; minute < minutes; minute += 1) {
        world.clock.schedule(world.clock.now() + minute * minuteMs + leaveMs, () => closeAll(world))
      }
    },
  })
  expect(written).toEqual([])
  expect(exits).toBeGreaterThan(0)
  // A stop that fires while an exit is on its way leaves nothing for it, seldom; one made for what was left already, often.
  expect(refused / exits).toBeLessThan(0.05)
})
