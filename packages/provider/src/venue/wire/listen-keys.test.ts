import { expect, it } from 'vitest'
import { VenueError } from '../venue-world.js'
import { createListenKeys } from './listen-keys.js'
import type { OperationContext } from './operation.js'

it('keeps a key for an hour after it was last asked for', () => {
  let now = 0
  const keys = createListenKeys(() => now)
  const account = () => ({ id: 'main', apiKey: 'k', secret: 's' })
  const ask = (method: string): unknown =>
    keys.operations.find((it) => it.rest === `${method} /fapi/v1/listenKey`)?.run({ account } as OperationContext)
  expect(() => ask('PUT')).toThrow(VenueError)
  const key = String(Object(ask('POST'))['listenKey'])
  expect(keys.accountOf(key)).toBe('main')
  now = 3_599_999
  expect(ask('PUT')).toEqual({ listenKey: key })
  now = 7_199_998
  expect(keys.accountOf(key)).toBe('main')
  now = 7_199_999
  expect(keys.accountOf(key)).toBeUndefined()
  expect(() => ask('PUT')).toThrow('-1125')
  ask('POST')
  ask('DELETE')
  expect(keys.accountOf(key)).toBeUndefined()
})
