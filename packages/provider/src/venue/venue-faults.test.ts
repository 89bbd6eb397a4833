import { createRandom } from '@barfinex/core'
import { expect, it } from 'vitest'
import { createVenueFaults } from './venue-faults.js'

const reset = { do: 'reset' } as const
const hang = { do: 'hang' } as const

it('strikes what the pattern covers, as often as said, in the order injected', () => {
  const faults = createVenueFaults(createRandom(7))
  faults.inject({ id: 'a', at: 'POST /api/v3/order', fault: reset, times: 1 })
  faults.inject({ id: 'b', at: 'POST *', fault: hang })
  expect(faults.strike('GET /api/v3/order')).toEqual([])
  expect(faults.strike('POST /api/v3/order')).toEqual([reset, hang])
  expect(faults.strike('POST /api/v3/order')).toEqual([hang])
  faults.clear('b')
  expect(faults.strike('POST /api/v3/order')).toEqual([])
})

it('draws a share from the seed, untouched by other rules', () => {
  const draw = (others: number) => {
    const faults = createVenueFaults(createRandom(7))
    for (let other = 0; other < others; other += 1) faults.inject({ id: `o${other}`, at: '*', fault: hang, share: 0.5 })
    faults.inject({ id: 'a', at: 'user', fault: reset, share: 0.3 })
    return Array.from({ length: 200 }, () => faults.strike('user').includes(reset))
  }
  expect(draw(3)).toEqual(draw(0))
  expect(draw(0).filter(Boolean).length).toBeGreaterThan(30)
  expect(draw(0).filter(Boolean).length).toBeLessThan(90)
})

it('strikes only what says what it asks for', () => {
  const faults = createVenueFaults(createRandom(7))
  faults.inject({ id: 'a', at: 'POST *', fault: reset, where: { side: 'SELL', type: 'STOP_LOSS' }, times: 1 })
  expect(faults.strike('POST /api/v3/order', () => ({ side: 'BUY', type: 'STOP_LOSS' }))).toEqual([])
  expect(faults.strike('POST /api/v3/order')).toEqual([])
  expect(faults.strike('POST /api/v3/order', () => ({ side: 'SELL', type: 'STOP_LOSS', more: 1 }))).toEqual([reset])
})
