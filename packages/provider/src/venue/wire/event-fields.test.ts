import { expect, it } from 'vitest'
import { eventFields, rewritten } from './event-fields.js'

const event = { e: 'trade', p: '1', q: '2' }
const frames = { bare: event, combined: { stream: 's', data: event }, user: { subscriptionId: 0, event } }

it.each(Object.entries(frames))('finds and rewrites the event of a %s frame', (_, whole) => {
  const frame = JSON.stringify(whole)
  expect(eventFields(frame)).toEqual(event)
  const changed = rewritten(frame, { p: 'NaN' }, ['q'])
  expect(eventFields(changed)).toEqual({ e: 'trade', p: 'NaN' })
  expect(Object.keys(JSON.parse(changed) as object)).toEqual(Object.keys(whole).filter((it) => it !== 'q'))
})

it('leaves a list of events alone', () => {
  expect(rewritten('[{"p":"1"}]', { p: '2' }, [])).toBe('[{"p":"1"}]')
})
