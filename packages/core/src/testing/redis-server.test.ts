import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type RedisServer, startRedisServer } from './redis-server.js'

/** One command in the server's inline form, and the first line of its answer. */
function say(server: RedisServer, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(`${command}\r\n`))
    socket.once('error', reject)
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString().trim())
    })
  })
}

describe('startRedisServer', () => {
  let redis: RedisServer | undefined
  afterEach(() => redis?.close())

  it('keeps what it has answered through a crash, until it is wiped', async () => {
    redis = await startRedisServer()
    expect(await say(redis, 'SET a 1')).toBe('+OK')
    await redis.kill()
    expect(redis.isRunning).toBe(false)
    await expect(say(redis, 'PING')).rejects.toThrow('ECONNREFUSED')
    await redis.start()
    expect(await say(redis, 'INCR a')).toBe(':2')
    expect(() => redis?.wipe()).toThrow(expect.objectContaining({ code: 'options.invalid' }))
    await redis.stop()
    redis.wipe()
    await redis.start()
    expect(await say(redis, 'INCR a')).toBe(':1')
  })

  it('stands still while paused, and is gone when closed', async () => {
    redis = await startRedisServer({ appendOnly: 'off' })
    redis.pause()
    let answered = false
    const answer = say(redis, 'PING').then((text) => {
      answered = true
      return text
    })
    expect(answered).toBe(false)
    redis.resume()
    expect(await answer).toBe('+PONG')
    redis.pause()
    await redis.close()
    await redis.close()
    expect(existsSync(redis.directory)).toBe(false)
  })
})
