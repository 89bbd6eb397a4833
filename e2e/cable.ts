import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A loopback connection that can be cut, held so that nothing comes through, or made to lose an answer. */
export interface Cable {
  readonly port: number
  /** The next answer to an act is lost on its way. */
  swallow: boolean
  /** Leads new connections to this port. */
  to(port: number): void
  cut(): void
  hold(isHeld: boolean): void
  /** While plugged out, new connections end at once. */
  plug(isIn: boolean): void
  close(): void
}

export async function layCable(): Promise<Cable> {
  const sockets = new Set<Socket>()
  let target = 0
  let isIn = true
  const server: Server = createServer((near) => {
    if (!isIn) {
      near.destroy()
      return
    }
    const far = connect(target, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    let isAct = false
    near.on('data', (data) => {
      isAct = data.includes('POST /api/commands')
      far.write(data)
    })
    far.on('data', (data) => {
      if (!cable.swallow || !isAct) {
        near.write(data)
        return
      }
      cable.swallow = false
      near.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cable: Cable = {
    port: (server.address() as AddressInfo).port,
    swallow: false,
    to(port) {
      target = port
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    hold(isHeld) {
      for (const socket of sockets) {
        if (isHeld) socket.pause()
        else socket.resume()
      }
    },
    plug(value) {
      isIn = value
    },
    close() {
      cable.cut()
      server.close()
    },
  }
  return cable
}
