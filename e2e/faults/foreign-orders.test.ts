import { anOrder } from '@barfinex/core/testing'
import { expect, test } from 'vitest'
import { survives } from './run-faults.js'

test('a start that finds an order of another hand opens nothing until it is gone, and leaves it alone', async () => {
  await survives(
    'a start that finds an order',
    {
      strike: async (world) => {
        const { venue } = world
        world.life().kill()
        const from = world.clock.now()
        const foreign = anOrder({
          clientOrderId: 'another-hand',
          symbol: 'BTC/USDT',
          type: 'limit',
          quantity: '0.01',
          limitPrice: '20000',
        })
        venue.byAnotherHand((engine, account, now) => engine.submit(account, foreign, now))
        await world.boot()
        world.outages.push({ from, to: world.clock.now() })
        await world.pass(180_000)
        const { provider } = world.life().desk
        expect(provider.account()).toMatchObject({ known: false, reason: { code: 'order.reconcile.unknown-order' } })
        const entries = [...venue.truth.orders.values()].filter(
          ({ order, takenAt }) => order.purpose === 'entry' && takenAt > from + 100,
        )
        expect(entries).toEqual([])
        expect(venue.engine.record(venue.account, 'another-hand')?.state).toBe('accepted')
        venue.byAnotherHand((engine, account, now) => engine.cancel(account, 'another-hand', 'BTC/USDT', now))
        await world.pass(15_000)
        expect(provider.account().known).toBe(true)
        // This life has heard of an order that is not its own, and its audit says so for good.
        world.life().kill()
        const again = world.clock.now()
        await world.boot()
        world.outages.push({ from: again, to: world.clock.now() })
      },
      lastsMs: 120_000,
    },
    5,
  )
})
