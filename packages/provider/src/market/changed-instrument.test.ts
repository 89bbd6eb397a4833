import { anInstrument } from '@barfinex/core/testing'
import { expect, test } from 'vitest'
import { changedInstrument } from './changed-instrument.js'

const known = anInstrument({ revision: 3 })

test('a halt or another grid is a new revision', () => {
  expect(changedInstrument(known, { ...known, status: 'halted', revision: 1 })).toEqual({
    ...known,
    status: 'halted',
    revision: 4,
  })
  expect(changedInstrument(known, { ...known, tickSize: '0.1', revision: 9 })?.revision).toBe(9)
})

test('the same again says nothing, and neither do a stranger, another instrument and numbers that are none', () => {
  expect(changedInstrument(known, { ...known, revision: 8 })).toBeNull()
  expect(changedInstrument(undefined, known)).toBeNull()
  expect(changedInstrument(known, { ...known, kind: 'swap' })).toBeNull()
  expect(changedInstrument(known, { ...known, tickSize: '0' })).toBeNull()
  expect(changedInstrument(known, { ...known, stepSize: 'a little' })).toBeNull()
})
