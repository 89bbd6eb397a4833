import { type VenueAccount, VenueError } from '../venue-world.js'
import type { Operation } from './operation.js'
import type { UserSubscriptions } from './user-subscriptions.js'

/** What a socket is asked about itself. */
export const sessionMethods = [
  'session.logon',
  'session.status',
  'session.logout',
  'session.subscriptions',
  'userDataStream.subscribe',
  'userDataStream.subscribe.signature',
  'userDataStream.unsubscribe',
] as const

/** Who has logged on to a socket, and since when. */
export interface Session {
  account: VenueAccount | undefined
  since: number
}

/** What a socket of the WebSocket API does about itself: logging on, and user data. */
export function sessionOperations(session: Session, subscriptions: UserSubscriptions): ReadonlyMap<string, Operation> {
  const status = (now: number) => ({
    apiKey: session.account?.apiKey ?? null,
    authorizedSince: session.account === undefined ? null : session.since,
    connectedSince: session.since,
    returnRateLimits: true,
    serverTime: now,
    userDataStream: subscriptions.list().length > 0,
  })
  const rows: readonly (Operation & { readonly method: (typeof sessionMethods)[number] })[] = [
    {
      method: 'session.logon',
      security: 'ed25519',
      weight: 2,
      run({ account, world }) {
        session.account = account()
        session.since = world.now()
        return status(world.now())
      },
    },
    { method: 'session.status', security: 'none', weight: 2, run: ({ world }) => status(world.now()) },
    {
      method: 'session.logout',
      security: 'none',
      weight: 2,
      run({ world }) {
        session.account = undefined
        subscriptions.logOut()
        return status(world.now())
      },
    },
    { method: 'session.subscriptions', security: 'none', weight: 2, run: () => subscriptions.list() },
    {
      method: 'userDataStream.subscribe',
      security: 'none',
      weight: 2,
      run() {
        if (session.account === undefined) {
          throw new VenueError(
            -2015,
            'Invalid API-key, IP, or permissions for action: log on with session.logon first.',
            401,
          )
        }
        return { subscriptionId: subscriptions.add(session.account, true) }
      },
    },
    {
      method: 'userDataStream.subscribe.signature',
      security: 'signed',
      weight: 2,
      run: ({ account }) => ({ subscriptionId: subscriptions.add(account(), false) }),
    },
    {
      method: 'userDataStream.unsubscribe',
      security: 'none',
      weight: 2,
      takes: ['subscriptionId'],
      run({ values }) {
        const id = values['subscriptionId']
        subscriptions.remove(id === undefined ? undefined : Number(id))
        return {}
      },
    },
  ]
  return new Map(rows.map((row) => [row.method, row]))
}
