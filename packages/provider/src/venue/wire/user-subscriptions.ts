import { type VenueAccount, VenueError, type VenueWorld } from '../venue-world.js'
import type { VenueSocket } from './venue-socket.js'

/** The user data that one socket has asked for. One socket may listen to several accounts. */
export interface UserSubscriptions {
  /**
   * Starts one and returns its number; `ofSession` ends with the session. Throws -2035 when the account is listened to already.
   */
  add(account: VenueAccount, ofSession: boolean): number
  /** Ends one, or all. Throws -2036 for a number that is not there. */
  remove(id?: number): void
  /** Ends those that belong to the session. */
  logOut(): void
  list(): readonly { readonly subscriptionId: number }[]
  /** Tells each that it is over, `eventStreamTerminated`, and ends it. The socket stays. */
  terminate(): void
}

export function createUserSubscriptions(world: VenueWorld, socket: VenueSocket): UserSubscriptions {
  const active = new Map<number, { readonly accountId: string; readonly ofSession: boolean; stop(): void }>()
  let nextId = 0

  function send(at: string, subscriptionId: number, event: object): void {
    socket.deliver(at, JSON.stringify({ subscriptionId, event }))
  }

  function end(id: number): void {
    active.get(id)?.stop()
    active.delete(id)
  }

  const subscriptions: UserSubscriptions = {
    add(account, ofSession) {
      if ([...active.values()].some((it) => it.accountId === account.id)) {
        throw new VenueError(-2035, 'User Data Stream subscription already active.')
      }
      const id = nextId
      nextId += 1
      const stop = world.onUser(account.id, (event) => {
        if (event.market === 'spot') send(`user ${event.type}`, id, event.fields)
      })
      active.set(id, { accountId: account.id, ofSession, stop })
      return id
    },
    remove(id) {
      if (id === undefined) for (const each of [...active.keys()]) end(each)
      else if (active.has(id)) end(id)
      else throw new VenueError(-2036, 'User Data Stream subscription not active.')
    },
    logOut() {
      for (const [id, { ofSession }] of [...active]) if (ofSession) end(id)
    },
    list: () => [...active.keys()].map((subscriptionId) => ({ subscriptionId })),
    terminate() {
      for (const id of [...active.keys()]) {
        end(id)
        send('user eventStreamTerminated', id, { e: 'eventStreamTerminated', E: world.now() })
      }
    },
  }
  socket.onClose(() => subscriptions.remove())
  return subscriptions
}
