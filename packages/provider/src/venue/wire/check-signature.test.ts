import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { expect, it } from 'vitest'
import { VenueError } from '../venue-world.js'
import { checkEd25519, checkSignature, checkTimestamp } from './check-signature.js'
import { readParams, readSocketParams } from './read-params.js'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const account = { id: 'a', apiKey: 'key', secret: 'secret', publicKey: pem }
const hmac = (text: string) => createHmac('sha256', 'secret').update(text).digest('hex')

function codeOf(run: () => unknown): number | undefined {
  try {
    run()
  } catch (error) {
    return error instanceof VenueError ? error.code : 0
  }
  return undefined
}

it("takes Binance's own example, and query and body signed as one text", () => {
  // From the exchange's public documentation.
  const secret = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j'
  const query = 'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC'
  const body = 'quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559'
  const signature = '0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77'
  const params = readParams(query, `${body}&signature=${signature}`)
  expect(params.values).toMatchObject({ symbol: 'LTCBTC', quantity: '1' })
  expect(params.values).not.toHaveProperty('signature')
  expect(codeOf(() => checkSignature({ ...account, secret }, params))).toBeUndefined()
})

it('signs what was sent, not what it means', () => {
  const text = 'newClientOrderId=a%20b&timestamp=1'
  expect(codeOf(() => checkSignature(account, readParams(`${text}&signature=${hmac(text)}`, '')))).toBeUndefined()
  const plain = hmac('newClientOrderId=a b&timestamp=1')
  expect(codeOf(() => checkSignature(account, readParams(`${text}&signature=${plain}`, '')))).toBe(-1022)
  expect(codeOf(() => checkSignature(account, readParams(text, '')))).toBe(-1102)
})

it('sorts what comes over a socket, and takes Ed25519 for a logon only', () => {
  const text = 'apiKey=key&price=0.1&quantity=2&timestamp=1'
  const sent = { timestamp: 1, quantity: 2, price: '0.1', apiKey: 'key' }
  expect(codeOf(() => checkSignature(account, readSocketParams({ ...sent, signature: hmac(text) })))).toBeUndefined()
  expect(codeOf(() => checkEd25519(account, readSocketParams({ ...sent, signature: hmac(text) })))).toBe(-1022)
  const signature = sign(null, Buffer.from(text), privateKey).toString('base64')
  expect(codeOf(() => checkEd25519(account, readSocketParams({ ...sent, signature })))).toBeUndefined()
})

it('refuses what is sent twice, cannot be read, or reaches for prototypes', () => {
  expect(codeOf(() => readParams('a=1', 'a=2'))).toBe(-1101)
  expect(codeOf(() => readParams('a=%E0%A4%A', ''))).toBe(-1100)
  expect(codeOf(() => readParams('__proto__=1', ''))).toBe(-1100)
  expect(codeOf(() => readSocketParams(JSON.parse('{"__proto__":1}')))).toBe(-1100)
})

it('holds a timestamp against the clock: less than a second ahead, within its window behind', () => {
  const check = (timestamp: number, recvWindow?: number) =>
    codeOf(() =>
      checkTimestamp(
        { timestamp: String(timestamp), ...(recvWindow === undefined ? {} : { recvWindow: String(recvWindow) }) },
        1_000_000,
      ),
    )
  expect(check(1_000_999)).toBeUndefined()
  expect(check(1_001_000)).toBe(-1021)
  expect(check(995_000)).toBeUndefined()
  expect(check(994_999)).toBe(-1021)
  expect(check(940_000, 60_000)).toBeUndefined()
  expect(check(1_000_000, 60_001)).toBe(-1131)
  expect(codeOf(() => checkTimestamp({}, 1_000_000))).toBe(-1102)
  expect(codeOf(() => checkTimestamp({ timestamp: 'soon' }, 1_000_000))).toBe(-1100)
})
