import { BarfinexError, silentLog, type WallTimer } from '@barfinex/core'
import { describe, expect, it } from 'vitest'
import { createCredentials } from './credentials.js'

const address = '127.0.0.1'
const token = 't'.repeat(43)

function given() {
  let now = 1_000
  const timer: WallTimer = {
    now: () => now,
    date: () => 1_700_000_000_000 + now,
    after: () => () => {},
    every: () => () => {},
  }
  const tokenFile = { isNew: false, tokens: () => [{ name: 'owner', token, scopes: ['trade'] as const }] }
  const credentials = createCredentials({ tokenFile, timer, log: silentLog, ticketMs: 5_000, sessionMs: 60_000 })
  return {
    credentials,
    pass: (ms: number) => {
      now += ms
    },
    attempt: (secret = 'w'.repeat(43)) => {
      try {
        credentials.identify(secret, address)
        return 'ok'
      } catch (error) {
        return BarfinexError.is(error) ? error.code : error
      }
    },
  }
}

describe('credentials', () => {
  it('let a ticket run out', () => {
    const { credentials, pass } = given()
    const early = credentials.issueTicket('a', ['read'])
    const late = credentials.issueTicket('b', ['read'])
    pass(4_999)
    expect(credentials.redeemTicket(early, address)).toMatchObject({ name: 'a', scopes: ['read'] })
    pass(1)
    expect(() => credentials.redeemTicket(late, address)).toThrowError(/used or has run out/)
  })

  it('let a session run out, and one that was opened with it no later', () => {
    const { credentials, pass } = given()
    const first = credentials.openSession(token, address)
    expect(first.expiresAt).toBe(1_700_000_061_000)
    const principal = credentials.identify(first.session, address)
    pass(30_000)
    const second = credentials.openSession(first.session, address)
    expect(second.expiresAt).toBe(first.expiresAt)
    pass(29_999)
    expect(principal.isValid()).toBe(true)
    pass(1)
    expect(principal.isValid()).toBe(false)
    expect(() => credentials.identify(second.session, address)).toThrowError(/not valid or has run out/)
  })

  it('wait longer after every further wrong one, and forget it after a right one', () => {
    const { attempt, pass } = given()
    for (let index = 0; index < 10; index += 1) expect(attempt()).toBe('gateway.unauthorized')
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      pass(waitMs - 1)
      expect(attempt()).toBe('gateway.rate-limited')
      pass(1)
      expect(attempt()).toBe('gateway.unauthorized')
    }
    pass(60_000)
    expect(attempt(token)).toBe('ok')
    expect(attempt()).toBe('gateway.unauthorized')
    expect(attempt(token)).toBe('ok')
  })

  it('count wrong tickets too', () => {
    const { credentials, attempt } = given()
    for (let index = 0; index < 10; index += 1) {
      expect(() => credentials.redeemTicket('wrong-ticket-0000', address)).toThrowError()
    }
    expect(attempt()).toBe('gateway.rate-limited')
  })

  it('let the right token and the right ticket in, however many wrong ones came from the same address', () => {
    const { credentials, attempt } = given()
    const ticket = credentials.issueTicket('a', ['read'])
    for (let index = 0; index < 15; index += 1) attempt()
    expect(attempt()).toBe('gateway.rate-limited')
    expect(credentials.redeemTicket(ticket, address)).toMatchObject({ name: 'a' })
    for (let index = 0; index < 15; index += 1) attempt()
    expect(attempt(token)).toBe('ok')
  })
})
