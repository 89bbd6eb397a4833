import { expect, test, vi } from 'vitest'
import { ccxt } from './ccxt.js'

test('without ccxt it is said what to install, before a key is looked for', async () => {
  vi.doMock('ccxt', () => {
    throw new Error("Cannot find package 'ccxt'")
  })
  await expect(ccxt({ venueUrl: 'http://127.0.0.1:1' }).create()).rejects.toMatchObject({
    code: 'exchange.library-missing',
    message: expect.stringContaining('ccxt@4.5.84'),
  })
})
