import {
  type ApprovalAuthority,
  BarfinexError,
  createEd25519Sealer,
  createEd25519Verifier,
  createVirtualClock,
  flow,
  type LeaseRecord,
  type Sealer,
  type TradingState,
} from '@barfinex/core'
import { createApprovalKeys } from '@barfinex/core/daemon'
import { anOrder } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import { engineExchange } from '../testing/engine-exchange.js'
import { type GivenProvider, givenProvider } from '../testing/given-provider.js'

const entry = anOrder({ clientOrderId: 'entry-1', quantity: '1', intentId: 'intent-1' })

/** Provider as a daemon has it: it knows the public half of a pair; the sealer is Inspector's, in another process. */
function givenKeys(): { readonly approvals: ApprovalAuthority; readonly sealer: Sealer } {
  const { keyId, privateKeyPem, publicKeyPem } = createApprovalKeys()
  const verifier = createEd25519Verifier({ [keyId]: publicKeyPem })
  const claimSealer = () => {
    throw new Error('Provider has no sealer.')
  }
  return { approvals: { verifier, claimSealer }, sealer: createEd25519Sealer(keyId, privateKeyPem) }
}

async function given(keys = givenKeys(), leases?: LeaseRecord): Promise<GivenProvider> {
  const clock = createVirtualClock({ startAt: Date.UTC(2024, 0, 1) })
  const it = await givenProvider({ from: { clock, venue: engineExchange({ clock }), ...keys }, provider: { leases } })
  await it.start()
  it.venue.quote(99.99, 100.01)
  return it
}

function sayTradingState(it: GivenProvider, state: TradingState['state'], epoch: number): void {
  const at = it.clock.now()
  const message: TradingState = { account: 'test', state, reason: null, setBy: 'policy', since: at }
  it.bus.publisher(flow.tradingState, 'inspector', epoch).publish(message, { occurredAt: at })
}

const denials = (it: GivenProvider) =>
  it.events.flatMap(({ clientOrderId, state, reason }) =>
    state === 'denied' ? [`${clientOrderId} ${reason?.code}`] : [],
  )

describe('fencing at the order gateway', () => {
  test('an approval sealed with Ed25519 is good once, also after Provider has started again', async () => {
    const keys = givenKeys()
    const first = await given(keys)
    const approval = first.approve(entry)
    const command = { type: 'submit', commandId: 'c1', account: 'test', order: entry, approval } as const
    first.send(command)
    await first.clock.advanceBy(10)
    expect(first.trail().at(-1)).toBe('entry-1 filled')
    await first.stop()

    const second = await givenProvider({ journal: first.journal, from: { ...first, ...keys } })
    await second.start()
    second.send({ ...command, commandId: 'c2' })
    await second.clock.advanceBy(10)
    expect(second.incidents.map(({ reason }) => reason.code)).toEqual(['order.seal.reused'])
    expect(second.venue.arrived).toEqual(['entry-1'])
  })

  test('a seal of another pair, or under the name of a known key, is forged', async () => {
    const it = await given()
    const stranger = givenKeys().sealer
    it.submit(entry, { keyId: stranger.keyId })
    it.submit(anOrder({ ...entry, clientOrderId: 'entry-2' }), { signature: stranger.seal('anything') })
    await it.clock.advanceBy(10)
    expect(denials(it)).toEqual([])
    expect(it.incidents.map(({ reason }) => reason.code)).toEqual(['order.seal.forged', 'order.seal.forged'])
    expect(it.venue.arrived).toEqual([])
  })

  test('an Inspector that was paused opens nothing from the first word of the one that took its place, and is refused from its first seal', async () => {
    const it = await given()
    sayTradingState(it, 'active', 5)
    it.submit(entry, { epoch: 5 })
    await it.clock.advanceBy(10)
    expect(it.trail().at(-1)).toBe('entry-1 filled')
    // It is paused; another one takes the lease and says where trading stands, and nothing else.
    sayTradingState(it, 'reduceOnly', 6)
    // It goes on as if nothing had happened, with an entry and its own idea of the trading state.
    sayTradingState(it, 'active', 5)
    it.submit(anOrder({ ...entry, clientOrderId: 'entry-2', intentId: 'intent-2' }), { epoch: 5 })
    // The first thing that the other one seals proves it, also when it is refused.
    it.submit(anOrder({ ...entry, clientOrderId: 'entry-3', intentId: 'intent-3' }), { epoch: 6 })
    it.submit(anOrder({ clientOrderId: 'exit', side: 'sell', purpose: 'exit', quantity: '1' }), { epoch: 5 })
    sayTradingState(it, 'active', 5)
    it.submit(anOrder({ ...entry, clientOrderId: 'entry-4', intentId: 'intent-4' }), { epoch: 6 })
    await it.clock.advanceBy(10)
    expect(denials(it)).toEqual([
      'entry-2 order.gateway.contested',
      'entry-3 order.gateway.not-active',
      'exit order.seal.stale-epoch',
      'entry-4 order.gateway.not-active',
    ])
    expect(it.venue.arrived).toEqual(['entry-1'])
    sayTradingState(it, 'active', 6)
    it.submit(anOrder({ ...entry, clientOrderId: 'entry-5', intentId: 'intent-5' }), { epoch: 6 })
    await it.clock.advanceBy(10)
    expect(it.venue.arrived).toEqual(['entry-1', 'entry-5'])
  })

  test('a word that nobody has sealed locks no Inspector out and lifts no halt: stops, exits and cancels pass', async () => {
    const it = await given()
    sayTradingState(it, 'active', 5)
    it.submit(entry, { epoch: 5 })
    await it.clock.advanceBy(10)
    sayTradingState(it, 'halted', 5)
    sayTradingState(it, 'active', Number.MAX_SAFE_INTEGER)
    it.submit(anOrder({ ...entry, clientOrderId: 'entry-2', intentId: 'intent-2' }), { epoch: 5 })
    it.submit(
      anOrder({
        clientOrderId: 'rest',
        type: 'limit',
        limitPrice: '110',
        side: 'sell',
        purpose: 'target',
        quantity: '1',
      }),
      { epoch: 5 },
    )
    await it.clock.advanceBy(10)
    const cancel = { action: 'cancel', clientOrderId: 'rest', symbol: 'BTC/USDT' } as const
    it.send({
      type: 'cancel',
      commandId: 'cancel.rest',
      account: 'test',
      clientOrderId: 'rest',
      symbol: 'BTC/USDT',
      approval: it.seal(cancel, 'rest', { epoch: 5, nonce: 'nonce-of-cancel' }),
    })
    await it.clock.advanceBy(10)
    expect(it.trail().at(-1)).toBe('rest canceled')
    it.submit(anOrder({ clientOrderId: 'exit', side: 'sell', purpose: 'exit', quantity: '1' }), { epoch: 5 })
    await it.clock.advanceBy(10)
    expect(denials(it)).toEqual(['entry-2 order.gateway.contested'])
    expect(it.incidents).toEqual([])
    expect(it.venue.arrived).toEqual(['entry-1', 'rest', 'exit'])
  })

  describe('where the record of leases can be asked', () => {
    /** A record whose newest number the test sets; away while it is `null`. */
    function givenRecord(): LeaseRecord & { given: number | null; asked: string[] } {
      return {
        given: 5,
        asked: [],
        async highestEpoch(name) {
          this.asked.push(name)
          if (this.given === null) throw new BarfinexError('bus.unavailable', 'Away.', { retryable: true })
          return this.given
        },
      }
    }

    const enter = (it: GivenProvider, number: number, epoch: number) =>
      it.submit(anOrder({ ...entry, clientOrderId: `entry-${number}`, intentId: `intent-${number}` }), { epoch })

    async function withRecord() {
      const leases = givenRecord()
      const it = await given(givenKeys(), leases)
      sayTradingState(it, 'active', 5)
      enter(it, 1, 5)
      await it.clock.advanceBy(10)
      return { it, leases }
    }

    test('a number that was never given is not believed: entries pass again, and a person is told once', async () => {
      const { it, leases } = await withRecord()
      sayTradingState(it, 'halted', 99)
      enter(it, 2, 5)
      await it.clock.advanceBy(10)
      sayTradingState(it, 'active', Number.MAX_SAFE_INTEGER)
      await it.clock.advanceBy(10)
      enter(it, 3, 5)
      await it.clock.advanceBy(10)
      expect(denials(it)).toEqual(['entry-2 order.gateway.contested'])
      expect(it.venue.arrived).toEqual(['entry-1', 'entry-3'])
      expect(it.incidents.map(({ reason }) => [reason.code, reason.limit, reason.observed])).toEqual([
        ['order.gateway.false-claim', 5, 99],
      ])
      expect(leases.asked.every((name) => name === 'inspector@test')).toBe(true)
    })

    test('F32: for a number that was given the old one opens nothing, however often it seals, until the new one has', async () => {
      const { it, leases } = await withRecord()
      leases.given = 6
      sayTradingState(it, 'active', 6)
      await it.clock.advanceBy(120_000)
      it.inspector('ready')
      enter(it, 2, 5)
      await it.clock.advanceBy(60_000)
      it.inspector('ready')
      enter(it, 3, 5)
      enter(it, 4, 6)
      enter(it, 5, 5)
      await it.clock.advanceBy(10)
      expect(denials(it)).toEqual([
        'entry-2 order.gateway.contested',
        'entry-3 order.gateway.contested',
        'entry-5 order.seal.stale-epoch',
      ])
      expect(it.venue.arrived).toEqual(['entry-1', 'entry-4'])
    })

    test('F32: a number that is given while the record is being asked about another is not forgotten with it', async () => {
      const { it, leases } = await withRecord()
      const { highestEpoch } = leases
      // The answer is on its way when the lease changes hands and the new holder speaks, under the number that was forged.
      leases.highestEpoch = async (name) => {
        leases.highestEpoch = highestEpoch
        const before = await highestEpoch.call(leases, name)
        leases.given = 6
        sayTradingState(it, 'active', 6)
        return before
      }
      sayTradingState(it, 'active', 6)
      await it.clock.advanceBy(10)
      enter(it, 2, 5)
      await it.clock.advanceBy(10)
      expect(denials(it)).toEqual(['entry-2 order.gateway.contested'])
      expect(it.incidents).toEqual([])
    })

    test('while it is away, or knows less than seals have shown, the claim stands', async () => {
      const { it, leases } = await withRecord()
      leases.given = null
      sayTradingState(it, 'active', 99)
      await it.clock.advanceBy(10)
      enter(it, 2, 5)
      await it.clock.advanceBy(10)
      // It is asked again by and by.
      leases.given = 5
      await it.clock.advanceBy(1_000)
      enter(it, 3, 5)
      await it.clock.advanceBy(10)
      leases.given = 4
      sayTradingState(it, 'active', 99)
      await it.clock.advanceBy(10)
      enter(it, 4, 5)
      await it.clock.advanceBy(10)
      // The next Inspector was given a number above all that is in its journal.
      leases.given = 6
      await it.clock.advanceBy(1_000)
      enter(it, 5, 6)
      await it.clock.advanceBy(10)
      expect(denials(it)).toEqual(['entry-2 order.gateway.contested', 'entry-4 order.gateway.contested'])
      expect(it.venue.arrived).toEqual(['entry-1', 'entry-3', 'entry-5'])
    })
  })

  test('a forged seal of a higher epoch proves nothing', async () => {
    const it = await given()
    const stranger = givenKeys().sealer
    it.submit(anOrder({ ...entry, clientOrderId: 'entry-2' }), { epoch: 9, signature: stranger.seal('anything') })
    it.submit(entry, { epoch: 5 })
    await it.clock.advanceBy(10)
    expect(it.incidents.map(({ reason }) => reason.code)).toEqual(['order.seal.forged'])
    expect(it.venue.arrived).toEqual(['entry-1'])
  })

  test('the highest epoch is remembered by what was sealed, also when nothing was sent', async () => {
    const keys = givenKeys()
    const first = await given(keys)
    first.submit(anOrder({ clientOrderId: 'rest', type: 'limit', limitPrice: '90', quantity: '1' }), { epoch: 6 })
    await first.clock.advanceBy(10)
    const cancel = { action: 'cancel', clientOrderId: 'rest', symbol: 'BTC/USDT' } as const
    first.send({
      type: 'cancel',
      commandId: 'cancel.rest',
      account: 'test',
      clientOrderId: 'rest',
      symbol: 'BTC/USDT',
      approval: first.seal(cancel, 'rest', { epoch: 7, nonce: 'nonce-of-cancel' }),
    })
    await first.clock.advanceBy(10)
    expect(first.trail().at(-1)).toBe('rest canceled')
    await first.stop()

    const second = await givenProvider({ journal: first.journal, from: { ...first, ...keys } })
    await second.start()
    second.submit(entry, { epoch: 6, nonce: 'nonce-of-another' })
    await second.clock.advanceBy(10)
    expect(denials(second)).toEqual(['entry-1 order.seal.stale-epoch'])
  })
})
