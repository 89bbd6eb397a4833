import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { daemonOptions } from './daemon-options.js'
import { variablesOf } from './environment-overrides.js'
import { misspeltVariables } from './misspelt-variables.js'

const known = variablesOf(z.object({ daemon: daemonOptions, symbols: z.array(z.string()), deadManMs: z.number() }))

describe('variables that nobody reads', () => {
  it.each([
    [
      'BARFINEX_DAEMON_REDIS_URLL',
      /No setting is called BARFINEX_DAEMON_REDIS_URLL\. Did you mean BARFINEX_DAEMON_REDIS_URL\?/,
    ],
    ['BARFINEX_DAEMON_HEARTBEATMS', /Did you mean BARFINEX_DAEMON_HEARTBEAT_MS\?/],
    ['BARFINEX_DAEMON_X', /There are BARFINEX_DAEMON_REDIS_URL, /],
  ])('of the part that all daemons have are refused: %s', (name, message) => {
    expect(() => misspeltVariables(['PATH', name], known)).toThrow(
      expect.objectContaining({ code: 'config.invalid', message: expect.stringMatching(message) }),
    )
  })

  it('are a warning where another service may be meant, and only when one of this service is near', () => {
    expect(misspeltVariables(['BARFINEX_SYMBOL', 'BARFINEX_REDIS_PASWORD', 'BARFINEX_SIZING_RISK'], known)).toEqual([
      'no setting of this service is called BARFINEX_REDIS_PASWORD; did you mean BARFINEX_REDIS_PASSWORD?',
      'no setting of this service is called BARFINEX_SYMBOL; did you mean BARFINEX_SYMBOLS?',
    ])
  })

  it('are none where every name is right', () => {
    const names = [
      'HOME',
      'BARFINEX_SYMBOLS',
      'BARFINEX_DAEMON_LEASE_MS',
      'BARFINEX_EXCHANGE_KEY',
      'BARFINEX_DEAD_MAN_MS',
    ]
    expect(misspeltVariables(names, known)).toEqual([])
  })
})
