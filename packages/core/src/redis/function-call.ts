import type { Redis } from 'ioredis'
import { type ServerFunction, serverFunction } from './server-library.js'

/** Calls a function of the library on the server. */
export function callFunction(
  redis: Redis,
  name: ServerFunction,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  return redis.call('FCALL', serverFunction(name), keys.length, ...keys, ...args)
}
