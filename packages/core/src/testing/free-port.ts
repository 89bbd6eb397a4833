import { createServer } from 'node:net'
import { entropy } from '../runtime/entropy.js'
import { createRandom } from '../runtime/random.js'

/** Below what systems give to outgoing connections (RFC 6335 from 49152, Linux from 32768), above what services use. */
const lowest = 12_000
const beyond = 32_768
const mostTries = 100

/**
 * A TCP port of the loopback interface that nobody listens on at this moment, and that no outgoing connection is given: a program that
 * is killed and started again finds it free. Between asking and using it somebody else may still take it.
 */
export async function freePort(): Promise<number> {
  const random = createRandom(entropy(8).join())
  for (let tries = 1; ; tries += 1) {
    const port = lowest + random.integer(beyond - lowest)
    if (await isFree(port)) return port
    if (tries === mostTries) throw new Error(`None of ${mostTries} ports from ${lowest} to ${beyond} is free.`)
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
