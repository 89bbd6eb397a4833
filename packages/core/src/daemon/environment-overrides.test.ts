import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { daemonOptions } from './daemon-options.js'
import { variableOf, withEnvironment } from './environment-overrides.js'

const schema = z.object({
  symbols: z.array(z.string()).optional(),
  recentCandles: z.number().default(5),
  reconcile: z.strictObject({ inFlightMs: z.number().default(1) }).prefault({}),
  gateway: z
    .union([z.literal(false), z.strictObject({ port: z.number(), allowRemote: z.boolean().default(false) })])
    .optional(),
  mode: z.enum(['halt', 'adopt']).nullable().optional(),
  exchange: z.custom<object>(),
})

const over = (given: object, environment: Readonly<Record<string, string>>) =>
  withEnvironment(schema, given as Readonly<Record<string, unknown>>, (name) => environment[name])

describe('overrides by the environment', () => {
  it('names each setting by its path', () => {
    expect(variableOf(['daemon', 'redis', 'url'])).toBe('BARFINEX_DAEMON_REDIS_URL')
    expect(variableOf(['reconcile', 'inFlightMs'])).toBe('BARFINEX_RECONCILE_IN_FLIGHT_MS')
  })

  it('puts texts, numbers, switches and lists where they belong, and leaves the rest as it is', () => {
    const exchange = {}
    const result = over(
      { recentCandles: 7, exchange, gateway: { port: 1 } },
      {
        BARFINEX_SYMBOLS: 'BTC/USDT, ETH/USDT',
        BARFINEX_RECONCILE_IN_FLIGHT_MS: '250',
        BARFINEX_GATEWAY_ALLOW_REMOTE: 'true',
        BARFINEX_MODE: 'adopt',
        BARFINEX_RECENT_CANDLES: '',
        BARFINEX_EXCHANGE: 'paper',
        BARFINEX_SOMETHING_ELSE: '1',
      },
    )
    expect(result).toEqual({
      symbols: ['BTC/USDT', 'ETH/USDT'],
      recentCandles: 7,
      exchange,
      reconcile: { inFlightMs: 250 },
      gateway: { port: 1, allowRemote: true },
      mode: 'adopt',
    })
    expect(result['exchange']).toBe(exchange)
  })

  it('refuses what cannot be read as it should be, naming the variable', () => {
    expect(() => over({}, { BARFINEX_RECENT_CANDLES: 'many' })).toThrow(/BARFINEX_RECENT_CANDLES must be a number/)
    expect(() => over({}, { BARFINEX_GATEWAY_ALLOW_REMOTE: 'yes' })).toThrow(
      /BARFINEX_GATEWAY_ALLOW_REMOTE must be true or false/,
    )
  })

  it('reaches every plain setting of a daemon', () => {
    const asked: string[] = []
    withEnvironment(z.object({ daemon: daemonOptions }), {}, (name) => void asked.push(name))
    expect(asked).toEqual(
      expect.arrayContaining([
        'BARFINEX_DAEMON_REDIS_URL',
        'BARFINEX_DAEMON_PROBE_PORT',
        'BARFINEX_DAEMON_APPROVALS_PUBLIC_KEYS',
      ]),
    )
  })
})
