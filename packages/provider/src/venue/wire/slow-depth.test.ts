import { createVirtualClock } from '@barfinex/core'
import { expect, it } from 'vitest'
import type { VenueMarketEvent } from '../venue-world.js'
import { createSlowDepth, slowDepthMs } from './slow-depth.js'

type Depth = Extract<VenueMarketEvent, { readonly type: 'depth' }>

const depth = (id: number, bids: Depth['bids']): Depth => ({
  type: 'depth',
  market: 'spot',
  symbol: 'BTCUSDT',
  time: id,
  firstUpdateId: id,
  lastUpdateId: id,
  previousUpdateId: id - 1,
  bids,
  asks: [],
})

it('joins the changes of a second; the last quantity of a price counts and the chain has no gap', async () => {
  const clock = createVirtualClock()
  const pushed: Depth[] = []
  const slow = createSlowDepth(
    (ms, task) => clock.schedule(clock.now() + ms, task),
    (event) => pushed.push(event),
  )
  slow.add(depth(1, [['100', '1']]))
  slow.add(depth(2, [['99', '5']]))
  slow.add(depth(3, [['100', '0']]))
  await clock.advanceBy(slowDepthMs)
  slow.add(depth(4, [['100', '2']]))
  await clock.advanceBy(slowDepthMs)
  expect(pushed.map((it) => [it.firstUpdateId, it.lastUpdateId, it.previousUpdateId])).toEqual([
    [1, 3, 0],
    [4, 4, 3],
  ])
  expect(pushed[0]?.bids).toEqual([
    ['100', '0'],
    ['99', '5'],
  ])
})
