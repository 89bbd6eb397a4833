import { createServer } from 'node:net'

/**
 * A TCP port of the loopback interface that nobody listens on at this moment. Between asking and using it somebody else may take
 * it: who starts a program with it tries again with another one.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
