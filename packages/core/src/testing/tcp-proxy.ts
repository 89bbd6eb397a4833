import { connect, createServer, type Socket } from 'node:net'

/** A wire that can be damaged: clients connect to it, and it connects to a target. */
export interface TcpProxy {
  readonly port: number
  /** Where new connections go. */
  target(port: number): void
  /** Cuts every connection; new ones are taken. */
  cut(): void
  /** From now on nothing passes, in either direction, and nobody is told: connections stay open. New ones are taken and silent. */
  swallow(): void
  /** Refuses new connections and cuts those that are there: the network between is gone. */
  refuse(): void
  /** Lets everything pass again; connections that had been silent are cut. */
  restore(): void
  /**
   * The next request that contains `text` reaches the target, and when its answer comes, the connection is cut instead of handing it
   * on. Resolves when that has happened.
   */
  loseReplyTo(text: string): Promise<void>
  close(): Promise<void>
}

interface Loss {
  readonly text: string
  readonly onLost: () => void
}

/**
 * Starts a proxy on a loopback port, for tests of what happens when a network fails.
 *
 * @example
 * const proxy = await startTcpProxy(redis.port)
 * await proxy.loseReplyTo('append')
 */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  let port = targetPort
  let mode: 'pass' | 'swallow' | 'refuse' = 'pass'
  let loss: Loss | null = null
  const open = new Set<Socket>()

  function cutAll(): void {
    for (const socket of open) socket.destroy()
  }

  const server = createServer((client) => {
    if (mode === 'refuse') {
      client.destroy()
      return
    }
    const upstream = connect(port, '127.0.0.1')
    let isLosing: Loss | null = null
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        open.delete(socket)
        end()
      })
    }
    client.on('data', (data) => {
      if (mode !== 'pass') return
      if (loss !== null && data.includes(loss.text)) {
        isLosing = loss
        loss = null
      }
      upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (mode !== 'pass') return
      if (isLosing === null) {
        client.write(data)
        return
      }
      end()
      isLosing.onLost()
      isLosing = null
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()

  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    target(next) {
      port = next
    },
    cut: cutAll,
    swallow() {
      mode = 'swallow'
    },
    refuse() {
      mode = 'refuse'
      cutAll()
    },
    restore() {
      mode = 'pass'
      cutAll()
    },
    loseReplyTo: (text) =>
      new Promise((resolve) => {
        loss = { text, onLost: resolve }
      }),
    async close() {
      cutAll()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
