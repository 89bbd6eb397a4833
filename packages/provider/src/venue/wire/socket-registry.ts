import type { VenueWorld } from '../venue-world.js'
import type { UserSubscriptions } from './user-subscriptions.js'
import type { VenueSocket } from './venue-socket.js'

/** What a socket is for: market streams, or requests and user data. */
export type SocketKind = 'market' | 'api'

/** Which sockets are meant. */
export type SocketChoice = SocketKind | 'all'

/** The open sockets, for whoever breaks them from outside. Each act returns how many it struck. */
export interface VenueSockets {
  count(kind: SocketChoice): number
  close(kind: SocketChoice, code: number): number
  /** Cuts them without a closing frame. */
  cut(kind: SocketChoice): number
  freeze(kind: SocketChoice): number
  halfOpen(kind: SocketChoice): number
  /** Announces `serverShutdown` on every socket, and closes them so much later. */
  shutDown(afterMs: number): number
  /** Ends the user data with `eventStreamTerminated`; the sockets stay. */
  terminateUserData(): number
}

/** {@link VenueSockets}, and the way into them. */
export interface SocketRegistry extends VenueSockets {
  add(socket: VenueSocket, subscriptions?: UserSubscriptions): void
}

export function createSocketRegistry(world: VenueWorld): SocketRegistry {
  const open = new Map<VenueSocket, UserSubscriptions | undefined>()

  function each(kind: SocketChoice, act: (socket: VenueSocket) => void): number {
    const struck = [...open.keys()].filter((it) => kind === 'all' || it.kind === kind)
    for (const socket of struck) act(socket)
    return struck.length
  }

  return {
    add(socket, subscriptions) {
      open.set(socket, subscriptions)
      socket.onClose(() => open.delete(socket))
    },
    count: (kind) => each(kind, () => {}),
    close: (kind, code) => each(kind, (it) => it.close(code, 'Closed by the venue.')),
    cut: (kind) => each(kind, (it) => it.terminate()),
    freeze: (kind) => each(kind, (it) => it.freeze()),
    halfOpen: (kind) => each(kind, (it) => it.goDark()),
    shutDown: (afterMs) =>
      each('all', (it) => {
        const event = { e: 'serverShutdown', E: world.now() }
        const text = it.kind === 'api' ? JSON.stringify({ event }) : it.wrap('!serverShutdown', JSON.stringify(event))
        it.deliver('!serverShutdown', text)
        it.after(afterMs, () => it.close(1001, 'The server shuts down.'))
      }),
    terminateUserData() {
      const listening = [...open.values()].filter((it) => it !== undefined && it.list().length > 0)
      for (const subscriptions of listening) subscriptions?.terminate()
      return listening.length
    },
  }
}
