import { type AccountState, Decimal, decimal, type Envelope, type Fill, flow, type OrderCommand } from '@barfinex/core'
import { faultInstruments } from './fault-market.js'
import { type World, waitOn } from './fault-world.js'

export interface Bounds {
  /** Longest time for which something may be open at the venue without cover, in milliseconds. */
  readonly nakedMs: number
}

/** What a journal says, by what the promises are about. */
async function readJournal(world: World) {
  const commands = new Map<string, OrderCommand>()
  const spoken = new Set<string>()
  const fills: Fill[] = []
  const signatures = new Set<string>()
  const approved = new Map<string, Decimal>()
  const texts: string[] = []
  for await (const envelope of world.journal.read()) {
    const { payload } = envelope as Envelope<never>
    if (envelope.type === flow.orderCommand.name) {
      const command = payload as OrderCommand
      signatures.add(command.approval.signature)
      if (command.type !== 'submit') continue
      commands.set(command.order.clientOrderId, command)
      if (command.order.purpose === 'entry') {
        const { intentId, quantity } = command.order
        approved.set(intentId, (approved.get(intentId) ?? Decimal.zero).max(decimal(quantity)))
      }
    } else if (envelope.type === flow.orderEvent.name) {
      spoken.add((payload as { clientOrderId: string }).clientOrderId)
      texts.push(JSON.stringify(payload))
    } else if (envelope.type === flow.fill.name) fills.push(payload as Fill)
    else if (envelope.type === flow.incident.name) texts.push(JSON.stringify(payload))
  }
  return { commands, spoken, fills, signatures, approved, texts }
}

/**
 * Holds the end of a run against the venue's truth: I1 no order lost, I2 none doubled, I3 nothing unprotected for longer than the
 * bound, I4 ledger equals venue, I5 no fault inside and no secret told. One line per broken promise.
 */
export async function brokenPromises(world: World, bounds: Bounds): Promise<readonly string[]> {
  const { venue, faults, lines } = world
  const { truth } = venue
  const { commands, spoken, fills, signatures, approved, texts } = await readJournal(world)
  const broken: string[] = []

  for (const [id, { order, state }] of truth.orders) {
    if (state !== 'rejected' && !commands.has(id) && !spoken.has(id)) {
      broken.push(`I1 order ${id} (${order.purpose}) is at the venue and not in the journal`)
    }
  }

  const slots = new Map<string, string>()
  const filledByIntent = new Map<string, Decimal>()
  for (const [id, { order, state, filled }] of truth.orders) {
    if (state === 'rejected') continue
    const slot = `${order.intentId} ${order.purpose} ${order.attempt}`
    const earlier = slots.get(slot)
    if (earlier !== undefined) broken.push(`I2 ${earlier} and ${id} are both ${slot}`)
    slots.set(slot, id)
    if (order.purpose !== 'entry') continue
    filledByIntent.set(order.intentId, (filledByIntent.get(order.intentId) ?? Decimal.zero).plus(filled))
  }
  for (const [intentId, filled] of filledByIntent) {
    const intended = approved.get(intentId) ?? Decimal.zero
    if (filled.greaterThan(intended)) broken.push(`I2 intent ${intentId} filled ${filled}, intended ${intended}`)
  }
  for (const id of truth.repeated) broken.push(`I2 order ${id} was sent twice`)
  for (const reversal of truth.reversals) broken.push(`I2 ${reversal}`)

  for (const { symbol, from, to, quantity } of truth.nakedStretches()) {
    const until = to ?? world.clock.now()
    const outMs = world.outages.reduce(
      (sum, out) => sum + Math.max(0, Math.min(until, out.to) - Math.max(from, out.from)),
      0,
    )
    const lastedMs = until - from - outMs
    if (lastedMs > bounds.nakedMs) {
      broken.push(`I3 ${quantity} ${symbol} was unprotected for ${lastedMs} ms from ${new Date(from).toISOString()}`)
    }
  }

  broken.push(...(await ledgerDifferences(world, fills)))

  for (const fault of faults) broken.push(`I5 handler fault: ${fault}`)
  for (const signature of signatures) {
    if ([...lines, ...texts].some((text) => text.includes(signature))) broken.push(`I5 a seal was told: ${signature}`)
  }
  return broken
}

async function ledgerDifferences(world: World, fills: readonly Fill[]): Promise<string[]> {
  const { venue } = world
  const { provider } = world.life().desk
  const broken: string[] = []
  const account = provider.account()
  if (!account.known) broken.push(`I4 the account is not known: ${account.reason?.code} ${account.reason?.message}`)
  const truth = venue.engine.snapshot(venue.account, venue.now())
  for (const { asset, total } of truth.balances) {
    const ours = totalOf(account, asset)
    if (!ours.equals(decimal(total))) broken.push(`I4 ${asset}: ledger ${ours}, venue ${total}`)
  }
  for (const { symbol } of faultInstruments) {
    const ours = account.positions.find((it) => it.symbol === symbol)
    const quantity = decimal(ours?.quantity ?? '0')
    const signed = ours?.side === 'short' ? quantity.negated() : quantity
    const theirs = venue.truth.position(symbol)
    if (!signed.equals(theirs)) broken.push(`I4 position ${symbol}: ledger ${signed}, venue ${theirs}`)
  }
  const resting = new Set(truth.openOrders.map((it) => it.clientOrderId))
  const believed = new Set(account.openOrders.map((it) => it.clientOrderId))
  for (const id of resting) if (!believed.has(id)) broken.push(`I4 ${id} rests at the venue and not in the ledger`)
  for (const { clientOrderId, state, purpose } of account.openOrders) {
    const isSettled = state === 'accepted' || state === 'partiallyFilled' || state === 'triggered'
    if (isSettled && !resting.has(clientOrderId))
      broken.push(`I4 ${clientOrderId} (${purpose}, ${state}) rests in the ledger only`)
  }
  const booked = new Map<string, number>()
  for (const { fillId } of fills) booked.set(fillId, (booked.get(fillId) ?? 0) + 1)
  for (const { symbol, tradeId, clientOrderId } of venue.truth.fills) {
    const count = booked.get(`${symbol}.${tradeId}`) ?? 0
    if (count !== 1) broken.push(`I4 fill ${tradeId} of ${clientOrderId} is in the journal ${count} times`)
  }
  const audit = await waitOn(world.clock, provider.audit())
  if (audit.lostOrders + audit.duplicateOrders + audit.ledgerMismatches > 0) {
    broken.push(`I4 the audit says ${JSON.stringify(audit)}`)
  }
  return broken
}

function totalOf(account: AccountState, asset: string): Decimal {
  return decimal(account.balances.find((it) => it.asset === asset)?.total ?? '0')
}

/** Orders whose fate is still not known: none may be left a while after the faults have ended. */
export function unresolved(world: World): readonly string[] {
  return world
    .life()
    .desk.provider.account()
    .openOrders.filter((it) => it.state === 'submitted' || it.state === 'pendingCancel' || it.state === 'uncertain')
    .map((it) => `unresolved: ${it.clientOrderId} (${it.purpose}) is ${it.state}`)
}
