import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type NumberedTrade, TradeChain } from './trade-chain.js'

const trade = (number: number): NumberedTrade => ({
  number,
  trade: {
    symbol: 'BTC/USDT',
    tradeId: String(number),
    price: 1,
    quantity: 1,
    takerSide: 'buy',
    occurredAt: number,
  },
})

function given(read: (from: number) => Promise<readonly NumberedTrade[]>) {
  const emitted: number[] = []
  const said: string[] = []
  let settle = () => {}
  const chain = new TradeChain({
    read,
    emit: (it) => emitted.push(Number(it.tradeId)),
    onGap: () => said.push('gap'),
    onWhole: () => {
      said.push('whole')
      settle()
    },
  })
  const whole = () =>
    new Promise<void>((resolve) => {
      settle = resolve
    })
  return { chain, emitted, said, whole }
}

const all = async (from: number) => Array.from({ length: 7 }, (_, index) => trade(from + index))

test('C11: whatever is dropped, doubled or late, every trade goes on once and in its order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 40 }), async (numbers) => {
      const { chain, emitted, said, whole } = given(all)
      for (const number of numbers) {
        const before = said.length
        const settled = whole()
        chain.take(trade(number))
        if (said.length > before) await settled
      }
      const first = numbers[0] as number
      const last = Math.max(...numbers)
      expect(emitted).toEqual(Array.from({ length: last - first + 1 }, (_, index) => first + index))
    }),
    { numRuns: 100 },
  )
})

test('what comes while a hole is being filled waits for it', async () => {
  const { chain, emitted, said, whole } = given(all)
  chain.take(trade(1))
  const settled = whole()
  chain.take(trade(5))
  chain.take(trade(7))
  chain.take(trade(6))
  expect(emitted).toEqual([1])
  await settled
  expect(emitted).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(said).toEqual(['gap', 'whole'])
})

test('a hole that cannot be filled is passed over, and said to be a gap', async () => {
  const { chain, emitted, said, whole } = given(async () => {
    throw new Error('The exchange does not answer.')
  })
  chain.take(trade(1))
  const settled = whole()
  chain.take(trade(9))
  await settled
  expect(emitted).toEqual([1, 9])
  expect(said).toEqual(['gap', 'whole'])
})
