import { allowed, type Rule, refused } from './rule.js'

const code = 'inspector.rule.intent-expired'

/** An intent is void from its expiry on, and before it was issued. */
export const intentAlive: Rule = {
  code,
  judges: 'situation',
  check({ intent, now }) {
    if (intent === null) return allowed
    if (!(now < intent.expiresAt)) {
      return refused(code, `The intent expired ${now - intent.expiresAt} ms ago.`, intent.expiresAt, now)
    }
    // A clock that runs ahead by more would also keep an intent alive for too long.
    if (intent.issuedAt > now + 1_000) {
      return refused(code, `The intent was issued ${intent.issuedAt - now} ms in the future.`, now, intent.issuedAt)
    }
    return allowed
  },
}
