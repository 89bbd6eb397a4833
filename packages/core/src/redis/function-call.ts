import type { Redis } from 'ioredis'
import { type ServerFunction, serverFunction } from './server-library.js'

/** Calls a function of the library on the server; one that only reads so that a user who may only read may call it. */
export function callFunction(
  redis: Redis,
  name: ServerFunction,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  return redis.call(name === 'place' ? 'FCALL_RO' : 'FCALL', serverFunction(name), keys.length, ...keys, ...args)
}
