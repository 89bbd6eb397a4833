import { afterAll, beforeAll } from 'vitest'
import { silentLog } from '../runtime/log.js'
import { busContract } from '../testing/bus-contract.js'
import type { BusSettings } from '../testing/bus-under-test.js'
import { type RedisServer, startRedisServer } from '../testing/redis-server.js'
import { synchronousBusContract } from '../testing/synchronous-bus-contract.js'
import { createRedisBus } from './redis-bus.js'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedisServer({ appendOnly: 'off' })
})
afterAll(() => redis.close())

let count = 0
function makeBus(delivery: 'server' | 'local') {
  return (settings: BusSettings) => {
    count += 1
    return createRedisBus({
      ...settings,
      delivery,
      url: redis.url,
      namespace: `case${count}`,
      member: 'desk',
      log: silentLog,
    })
  }
}

busContract('the redis bus', makeBus('server'))
busContract('the redis bus that hands over by itself', makeBus('local'))
synchronousBusContract('the redis bus that hands over by itself', makeBus('local'))
