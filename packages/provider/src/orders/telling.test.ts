import { BarfinexError, createVirtualClock, silentLog } from '@barfinex/core'
import { expect, test } from 'vitest'
import { Telling } from './telling.js'

/** A bus that takes nothing until it is opened, and what it has heard. */
function given() {
  const clock = createVirtualClock({ startAt: 0 })
  const errors: string[] = []
  const log = { ...silentLog, error: (message: string) => void errors.push(message) }
  const bus = { isFull: true, attempts: 0 }
  const heard: string[] = []
  const telling = new Telling({ clock, log })
  const say = (word: string) => () => {
    bus.attempts += 1
    if (bus.isFull) throw new BarfinexError('bus.overflow', 'The test has filled the bus.', { retryable: true })
    heard.push(word)
  }
  return { clock, errors, bus, heard, telling, say }
}

test('of what is about the same thing only the newest waits, behind all that was said before it', async () => {
  const { clock, bus, heard, telling, say } = given()
  for (let n = 0; n < 1_000; n += 1) telling.tell(say(`account ${n}`), 'account')
  telling.tell(say('order'))
  telling.tell(say('account 1000'), 'account')
  telling.tell(say('fill'))
  bus.isFull = false
  await clock.advanceBy(250)
  expect(heard).toEqual(['order', 'account 1000', 'fill'])
})

test('what cannot be told at all is dropped and logged: what comes after it is told, and nothing is thrown from the clock', async () => {
  const { clock, errors, bus, heard, telling, say } = given()
  telling.tell(say('first'))
  telling.tell(() => {
    throw new Error('a defect')
  })
  telling.tell(say('last'))
  bus.isFull = false
  await clock.advanceBy(250)
  expect(heard).toEqual(['first', 'last'])
  expect(errors.at(-1)).toContain('is dropped')
})

test('everything is told once, also what a listener says while it is told', async () => {
  const { clock, bus, heard, telling, say } = given()
  telling.tell(() => {
    say('cause')()
    telling.tell(say('answer'), 'account')
  })
  telling.tell(say('early'), 'account')
  bus.isFull = false
  await clock.advanceBy(1_000)
  expect(heard).toEqual(['cause', 'answer'])
  const { attempts } = bus
  await clock.advanceBy(10_000)
  expect(bus.attempts).toBe(attempts)
})
