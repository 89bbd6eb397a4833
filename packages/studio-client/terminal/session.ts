import { type SessionReply, sessionReply, type WallTimer } from '@barfinex/core/browser'
import { openSession } from '../src/http-door.js'

const storageKey = 'barfinex.session'

/** Where this tab keeps its session: gone with the tab, and only for this origin with its port. */
export function storedSession(timer: WallTimer): SessionReply | null {
  const text = sessionStorage.getItem(storageKey)
  if (text === null) return null
  try {
    const parsed = sessionReply.safeParse(JSON.parse(text))
    return parsed.success && parsed.data.expiresAt > timer.date() ? parsed.data : null
  } catch {
    return null
  }
}

export function storeSession(session: SessionReply | null): void {
  if (session === null) sessionStorage.removeItem(storageKey)
  else sessionStorage.setItem(storageKey, JSON.stringify(session))
}

/** Takes the one-time ticket out of the address, so it is neither kept in history nor shared by copying. */
export function takeTicket(): string | null {
  const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket')
  if (ticket !== null) history.replaceState(null, '', location.pathname)
  return ticket
}

/** Opens a session with a ticket or a token, and keeps it. */
export async function signIn(timer: WallTimer, secret: { ticket: string } | { token: string }): Promise<SessionReply> {
  const session = await openSession(location.origin, timer, secret)
  storeSession(session)
  return session
}
