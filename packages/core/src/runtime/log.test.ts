import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testRuns } from '../testing/test-runs.js'
import { BarfinexError } from './error.js'
import { createLog, type LogOptions, silentLog } from './log.js'

function aLog(options: LogOptions = {}) {
  const lines: string[] = []
  return { lines, log: createLog({ write: (line) => void lines.push(line), ...options }) }
}

describe('log', () => {
  it('writes level, message and fields in a line, children with theirs before', () => {
    const { lines, log } = aLog()
    log
      .child({ service: 'advisor' })
      .child({ symbol: 'BTC/USDT' })
      .warn('late', { ms: 12, why: 'no quote', ok: true, none: null })
    expect(lines).toEqual(['warn late service=advisor symbol=BTC/USDT ms=12 why="no quote" ok=true none=null'])
    log.info('x', { given: 1, absent: undefined, list: [1, 'a'], big: 12n })
    expect(lines[1]).toBe('info x given=1 list=[1,"a"] big=12')
  })

  it('leaves out what is below its level', () => {
    const { lines, log } = aLog({ level: 'warn' })
    log.debug('a')
    log.info('b')
    log.warn('c')
    log.error('d')
    expect(lines).toEqual(['warn c', 'error d'])
    silentLog.error('nothing')
  })

  it('tells errors by code, message and what they came from', () => {
    const { lines, log } = aLog()
    const cause = new TypeError('x is not a function')
    log.error('failed', { error: new BarfinexError('bus.closed', 'The bus is closed.', { cause }), other: cause })
    expect(lines).toEqual([
      'error failed error="bus.closed: The bus is closed. (from TypeError: x is not a function)" other="TypeError: x is not a function"',
    ])
  })

  it('keeps one line one line, and shows what would move the cursor or turn the text around', () => {
    const { lines, log } = aLog()
    log.info('a\nwarn forged\u001b[2K', { 'k\ney': 'v\r\u202eevil\u2066', nested: { text: 'x\u2028y\u200b' } })
    expect(lines).toEqual([
      'info a\\u000awarn forged\\u001b[2K k\\u000aey="v\\r\\u202eevil\\u2066" nested={"text":"x\\u2028y\\u200b"}',
    ])
  })

  it('shows no secret, wherever it stands', () => {
    const secret = 'p"ss\n\\word-123'
    const { lines, log } = aLog({ secrets: [secret, 'k3y-of-mine', 'short'] })
    log.error(`with ${secret} and k3y-of-mine`, {
      url: 'https://x.example/api?symbol=BTC&signature=abc123&apiKey=def456',
      text: `inside ${secret}`,
      nested: { deep: [secret], token: 'a b c', 'x-api-key': 'zzz', Authorization: 'Bearer abcdef' },
      token: 'with blanks in it',
      apiSecret: 'zz z',
      refresh_token: 'y y',
      tokens: 3,
      error: new Error(`refused: k3y-of-mine`),
      short: 'short',
    })
    const [line = ''] = lines
    for (const hidden of [
      secret,
      'ss\\n',
      'k3y',
      'abc123',
      'def456',
      'a b c',
      'zzz',
      'zz z',
      'y y',
      'abcdef',
      'blanks',
    ]) {
      expect(line).not.toContain(hidden)
    }
    expect(line).toContain('symbol=BTC&signature=[redacted]&apiKey=[redacted]')
    expect(line).toContain('tokens=3')
    expect(line).toContain('short=short')
  })

  it('caps a line', () => {
    const { lines, log } = aLog()
    log.info('x'.repeat(100_000))
    expect(lines[0]).toHaveLength(8_192)
    expect(lines[0]?.endsWith('…')).toBe(true)
  })

  it('never throws and never breaks a line, whatever it is given', () => {
    const { lines, log } = aLog()
    const circular: Record<string, unknown> = { big: 1n }
    circular['self'] = circular
    const hostile = {
      toJSON() {
        throw new Error('no')
      },
    }
    log.info('x', { circular, hostile, fn: () => {}, symbol: Symbol('s') })
    expect(lines[0]).toMatch(/^info x circular=\[unprintable\] hostile=\[unprintable\] fn=/)
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.dictionary(fc.string({ unit: 'binary' }), fc.anything()),
        (text, fields) => {
          lines.length = 0
          log.info(text, fields)
          expect(lines).toHaveLength(1)
          expect([...(lines[0] ?? '')].every((it) => (it.codePointAt(0) as number) >= 32)).toBe(true)
        },
      ),
      { numRuns: testRuns(200) },
    )
  })
})
