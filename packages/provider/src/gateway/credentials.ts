import { createHmac, timingSafeEqual } from 'node:crypto'
import { BarfinexError, entropy, type Log, type Scope, type SessionReply, type WallTimer } from '@barfinex/core'
import { AttemptLimit } from './attempt-limit.js'
import { newSecret, type StoredToken, type TokenFile } from './token-file.js'

const maxSessions = 512
const maxTickets = 64

/** Who is asking, as far as a credential tells. */
export interface Principal {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** False once its token is gone from the file or its session has run out. */
  isValid(): boolean
}

export interface Credentials {
  /** Who holds this token or session. Throws `gateway.unauthorized` or `gateway.rate-limited`. */
  identify(credential: string | undefined, address: string): Principal
  /** A session for whoever holds this token or session. */
  openSession(credential: string, address: string): SessionReply
  /** A session for a ticket, which is used up by it. */
  redeemTicket(ticket: string, address: string): SessionReply
  endSession(credential: string): void
  /** A secret good for one {@link Credentials.redeemTicket}. */
  issueTicket(name: string, scopes: readonly Scope[]): string
}

export interface CredentialsOptions {
  readonly tokenFile: TokenFile
  readonly timer: WallTimer
  readonly log: Log
  readonly ticketMs: number
  readonly sessionMs: number
}

interface Session {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly endsAt: number
  /** Digest of the token it was opened with: the session ends when that token does. `null` for a ticket's. */
  readonly tokenDigest: string | null
}

/** Keeps tokens, sessions and tickets. Secrets are held and compared only as digests under a key of this process. */
export function createCredentials(options: CredentialsOptions): Credentials {
  const { tokenFile, timer, log } = options
  const key = entropy(32)
  const digestOf = (secret: string): Buffer => createHmac('sha256', key).update(secret).digest()
  const attempts = new AttemptLimit(timer)
  const sessions = new Map<string, Session>()
  const tickets = new Map<string, Session>()

  function storedTokens(): readonly StoredToken[] {
    try {
      return tokenFile.tokens()
    } catch (error) {
      log.error('no token is accepted until its file is in order', { error })
      return []
    }
  }

  /** Looks at every token, so that the time taken says nothing about which of them was near. */
  function tokenWith(digest: Buffer): StoredToken | undefined {
    let found: StoredToken | undefined
    for (const stored of storedTokens()) if (timingSafeEqual(digestOf(stored.token), digest)) found = stored
    return found
  }

  function liveSession(id: string): Session | undefined {
    const session = sessions.get(id)
    if (session === undefined) return undefined
    const isOver =
      timer.now() >= session.endsAt ||
      (session.tokenDigest !== null && tokenWith(Buffer.from(session.tokenDigest, 'hex')) === undefined)
    if (!isOver) return session
    sessions.delete(id)
    return undefined
  }

  function refuseIfBlocked(address: string): void {
    const waitMs = attempts.waitMs(address)
    if (waitMs === 0) return
    const seconds = Math.ceil(waitMs / 1_000)
    throw new BarfinexError('gateway.rate-limited', `Too many wrong credentials. Try again in ${seconds} s.`, {
      retryable: true,
      details: { retryAfterSeconds: seconds },
    })
  }

  function refuse(address: string, message: string): never {
    attempts.failed(address)
    throw new BarfinexError('gateway.unauthorized', message)
  }

  function open(session: Session): SessionReply {
    const secret = newSecret('bfs')
    sessions.set(digestOf(secret).toString('hex'), session)
    if (sessions.size > maxSessions) dropFirst(sessions)
    const { name, scopes, endsAt } = session
    return { session: secret, name, scopes: [...scopes], expiresAt: Math.floor(timer.date() + endsAt - timer.now()) }
  }

  return {
    identify(credential, address) {
      if (credential === undefined) {
        throw new BarfinexError('gateway.unauthorized', 'Send a token or a session as `Authorization: Bearer …`.')
      }
      const digest = digestOf(credential)
      const id = digest.toString('hex')
      const session = liveSession(id)
      if (session !== undefined) {
        return { name: session.name, scopes: session.scopes, isValid: () => liveSession(id) !== undefined }
      }
      // A right token passes however many wrong ones came from here: another process of this machine must not lock its holder
      // out. Guessing gains nothing by it, because who waits learns as little as who is refused.
      const token = tokenWith(digest)
      if (token === undefined) {
        refuseIfBlocked(address)
        return refuse(
          address,
          'This credential is not valid or has run out. Open a new ticket address, or send a token.',
        )
      }
      attempts.succeeded(address)
      return { name: token.name, scopes: token.scopes, isValid: () => tokenWith(digest) !== undefined }
    },
    openSession(credential, address) {
      const { name, scopes } = this.identify(credential, address)
      const digest = digestOf(credential)
      const parent = sessions.get(digest.toString('hex'))
      return open({
        name,
        scopes,
        // A session opened with a session does not outlive it.
        endsAt: parent?.endsAt ?? timer.now() + options.sessionMs,
        tokenDigest: parent === undefined ? digest.toString('hex') : parent.tokenDigest,
      })
    },
    redeemTicket(ticket, address) {
      const id = digestOf(ticket).toString('hex')
      const found = tickets.get(id)
      tickets.delete(id)
      if (found === undefined || timer.now() >= found.endsAt) {
        refuseIfBlocked(address)
        return refuse(address, 'This ticket was used or has run out. Ask for a new address, or sign in with a token.')
      }
      attempts.succeeded(address)
      return open({ ...found, endsAt: timer.now() + options.sessionMs })
    },
    endSession(credential) {
      sessions.delete(digestOf(credential).toString('hex'))
    },
    issueTicket(name, scopes) {
      const secret = newSecret('bft')
      tickets.set(digestOf(secret).toString('hex'), {
        name,
        scopes,
        endsAt: timer.now() + options.ticketMs,
        tokenDigest: null,
      })
      if (tickets.size > maxTickets) dropFirst(tickets)
      return secret
    },
  }
}

function dropFirst(map: Map<string, unknown>): void {
  for (const first of map.keys()) {
    map.delete(first)
    return
  }
}
