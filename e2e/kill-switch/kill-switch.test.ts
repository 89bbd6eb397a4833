import { createFileJournal, flow, type OperatorCommand } from '@barfinex/core'
import { testRuns } from '@barfinex/core/testing'
import type { VenueTruth } from '@barfinex/provider/venue'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountOf, brokenOrders, differencesOf, readSentBooks } from '../crash/judge-books.js'
import { eventually } from '../eventually.js'
import { type CrowdedDesk, createCrowdedDesk, openEntries, openOrders, openStops } from './crowded-desk.js'

const rounds = Math.min(testRuns(1), 5)

/** What an order has come to, for comparing. */
const fates = (truth: VenueTruth) => accountOf(truth).orders.map(({ orderId, status }) => `${orderId} ${status}`)

/** Whether Provider has written that it does a command by itself. */
async function hasTakenOver(directory: string, commandId: string): Promise<boolean> {
  const journal = await createFileJournal({ directory, readOnly: true })
  let command: string | null = null
  let isTaken = false
  for await (const { id, type, payload, causationId } of journal.read()) {
    const isIt = type === flow.operatorCommand.name && (payload as OperatorCommand).commandId === commandId
    if (isIt) command = id
    else if (type === flow.incident.name && causationId === command) isTaken = true
  }
  return isTaken
}

describe(`the kill switch of a desk of processes with ${openOrders} open orders`, () => {
  let desk: CrowdedDesk

  beforeAll(async () => {
    desk = await createCrowdedDesk(11)
  }, 60_000)

  afterAll(() => desk?.close(), 60_000)

  for (let round = 1; round <= rounds; round += 1) {
    test(`takes all of them back while Redis, Studio and the advisor are down, press ${round} of ${rounds}`, async () => {
      const { venue, fleet } = desk
      await desk.open()
      await desk.fill()
      const stops = openStops(await venue.truth())
      await desk.lose()

      await desk.press(`first-${round}`)
      const isBare = async () => openEntries(await venue.truth()).length === 0
      await eventually('no entry is left at the venue', isBare, 60_000, fleet.provider.output)
      const after = await venue.truth()
      expect(openStops(after).map((it) => it.orderId)).toEqual(stops.map((it) => it.orderId))
      expect(fleet.inspector.isRunning).toBe(true)

      // The same press again, as after a lost reply, and another one.
      expect(await desk.press(`first-${round}`)).toMatchObject({ repeated: true })
      const { commandId } = await desk.press(`second-${round}`)
      const isTaken = () => hasTakenOver(fleet.provider.journalDirectory, commandId)
      await eventually('Provider has taken the second command', isTaken, 20_000, fleet.provider.output)
      expect(fates(await venue.truth())).toEqual(fates(after))

      // And when Redis is back Inspector hears of both, and stands down.
      await desk.recover()
      const isToldOf = () => desk.ledger()?.openOrders.length === stops.length
      await eventually('the others hear of it', isToldOf, 20_000, desk.known)
      const truth = await venue.truth()
      expect(fates(truth)).toEqual(fates(after))
      expect(brokenOrders(truth, await readSentBooks(fleet.provider.journalDirectory))).toEqual([])
    }, 240_000)
  }

  test('the ledger is the venue’s', async () => {
    const ledger = desk.ledger()
    expect(ledger?.known).toBe(true)
    const truth = await desk.venue.truth()
    // What a stop that may only reduce has locked at the venue is not promised in the ledger.
    const different = differencesOf(truth, ledger as NonNullable<typeof ledger>).filter(
      (it) => !/^I4 BTC locked/.test(it),
    )
    expect(different).toEqual([])
  })
})
