import { createVirtualClock } from '@barfinex/core'
import { expect, test } from 'vitest'
import { GapVoice } from './gap-voice.js'

test('a gap is said at once, and not again and again', async () => {
  const clock = createVirtualClock({ startAt: 0 })
  const said: string[] = []
  const voice = new GapVoice(clock, ({ code }) => said.push(`${code} ${clock.now()}`))
  for (let count = 0; count < 50; count += 1) voice.say({ code: 'exchange.reports.unreadable', message: '' })
  voice.say({ code: 'exchange.reports.interrupted', message: '' })
  await clock.advanceBy(10_000)
  voice.say({ code: 'exchange.reports.unreadable', message: '' })
  expect(said).toEqual([
    'exchange.reports.unreadable 0',
    'exchange.reports.interrupted 0',
    'exchange.reports.unreadable 1000',
    'exchange.reports.unreadable 10000',
  ])
  voice.say({ code: 'exchange.reports.unreadable', message: '' })
  voice.stop()
  await clock.advanceBy(10_000)
  expect(said).toHaveLength(4)
})
