import {
  type Cause,
  decimal,
  type Envelope,
  isFinal,
  type OperatorCommand,
  type Order,
  type Reason,
} from '@barfinex/core'
import type { Context } from './context.js'
import type { Governor } from './governor.js'
import { inspect } from './inspect.js'
import { ledgerDifferences } from './ledger-differences.js'
import { exitLimit } from './protect/protective-order.js'
import { orderIdOf } from './size.js'
import type { TrackedOrder } from './tracked-order.js'

/** Obeys people. Commands that are late, repeated or incomplete are refused, each with an incident. */
export interface OperatorDesk {
  obey(envelope: Envelope<OperatorCommand>): void
  /** Takes back every entry that works, or those of one symbol. Asking again while a cancel is open changes nothing. */
  cancelEntries(symbol: string | null, cause: Cause | undefined): void
}

export function createOperatorDesk(context: Context, governor: Governor, onLeaving: () => void): OperatorDesk {
  const { memory, outbox, settings, markets, protection, runtime } = context

  function refuse(command: OperatorCommand, word: string, why: string, cause: Cause): void {
    const message = `${command.type} by ${command.by} was refused: ${why}`.slice(0, 500)
    outbox.incident('warning', { code: `inspector.command.${word}`, message }, command.symbol, cause, command.commandId)
  }

  function cancelEntries(symbol: string | null, cause: Cause | undefined): void {
    for (const tracked of [...memory.orders.values()]) {
      const { order, state, cancelAskedAt } = tracked
      if (order.purpose !== 'entry' || isFinal(state) || cancelAskedAt !== null) continue
      if (symbol === null || order.symbol === symbol) context.cancel(tracked, cause)
    }
  }

  /** Leaves what nobody here has opened: once, because nothing else here looks after it. */
  function exitUnmanaged(command: OperatorCommand, cause: Cause): void {
    const { account } = context
    if (account === null || !account.known) return
    for (const { symbol, ledger, lots, isSmall } of ledgerDifferences(
      account,
      memory.lots.values(),
      memory.dust.left,
      markets.rulesOf,
    )) {
      if (isSmall) continue
      const isForeign = lots.isZero || (lots.isPositive === ledger.isPositive && ledger.abs().greaterThan(lots.abs()))
      const rules = markets.rulesOf(symbol)
      if (!isForeign || rules === null || (command.symbol !== null && command.symbol !== symbol)) continue
      const side = ledger.isPositive ? 'sell' : 'buy'
      const quantity = ledger.minus(lots).abs().roundTo(rules.step, 'towardZero')
      const price = exitLimit({ stopPrice: rules.tick }, markets.marketOf(symbol), protection.collar, side)
      const limit = price.roundTo(rules.tick, side === 'sell' ? 'up' : 'down')
      const order = exitOrder(command.commandId, symbol, side, quantity.toString(), limit.toString())
      const question = { ...context.situationOf(symbol, null), purpose: 'exit', order, refusals: [] } as const
      const verdict = inspect(question, settings.policies)
      const said = outbox.verdict(verdict, cause)
      memory.learnVerdict(verdict, said)
      if (verdict.type === 'approved') context.submit(order, said)
    }
  }

  function cancelOne(command: OperatorCommand, cause: Cause): void {
    const tracked: TrackedOrder | undefined = memory.orders.get(command.clientOrderId ?? '')
    if (tracked === undefined || isFinal(tracked.state)) {
      refuse(command, 'unknown-order', `no order "${command.clientOrderId ?? ''}" is working.`, cause)
    } else if (tracked.cancelAskedAt === null) {
      context.cancel(tracked, cause)
    }
  }

  function carryOut(command: OperatorCommand, cause: Cause): void {
    const reason: Reason = {
      code: `inspector.operator.${words[command.type]}`,
      message: `${command.by}: ${command.why}`.slice(0, 500),
    }
    switch (command.type) {
      case 'kill':
        outbox.incident('critical', reason, null, cause, command.commandId)
        governor.act('standDown', reason, null, cause)
        if (settings.onKill === 'exitPositions') governor.act('closeAll', reason, null, cause)
        return
      case 'halt':
      case 'reduceOnly':
        governor.act('standDown', reason, null, cause)
        return
      case 'resume':
        governor.act('resume', reason, null, cause)
        governor.publishRisk(cause, true)
        governor.watch(cause)
        return
      case 'cancelEntries':
        cancelEntries(command.symbol, cause)
        return
      case 'closeAll':
      case 'closePosition':
        cancelEntries(command.type === 'closeAll' ? null : command.symbol, cause)
        exitUnmanaged(command.type === 'closeAll' ? { ...command, symbol: null } : command, cause)
        if (command.type === 'closeAll') governor.act('closeAll', reason, null, cause)
        else onLeaving()
        return
      case 'cancelOrder':
        cancelOne(command, cause)
        return
      case 'releaseStrategy':
        return
    }
  }

  return {
    cancelEntries,
    obey(envelope) {
      const command = envelope.payload
      if (!context.guards(command.account) || command.type === 'releaseStrategy') return
      if (command.type === 'closePosition' && command.symbol === null) {
        refuse(command, 'incomplete', 'it names no symbol.', envelope)
        return
      }
      const obedience = memory.learnOperator(command, runtime.clock.now())
      if (obedience === 'obeyed') carryOut(command, envelope)
      else refuse(command, obedience, refusals[obedience], envelope)
    },
  }
}

const refusals = {
  duplicate: 'it was obeyed already.',
  expired: 'it has expired.',
  unnamed: 'lifting a halt takes the name of a person.',
} as const

const words: Readonly<Record<OperatorCommand['type'], string>> = {
  kill: 'kill',
  halt: 'halt',
  reduceOnly: 'reduce-only',
  resume: 'resume',
  closeAll: 'close-all',
  closePosition: 'close-position',
  cancelOrder: 'cancel-order',
  cancelEntries: 'cancel-entries',
  releaseStrategy: 'release-strategy',
}

function exitOrder(commandId: string, symbol: string, side: 'buy' | 'sell', quantity: string, limit: string): Order {
  return {
    clientOrderId: orderIdOf(`${commandId}/${symbol}`, 'exit', 0),
    symbol,
    side,
    type: 'limit',
    quantity: decimal(quantity).toString(),
    limitPrice: limit,
    triggerPrice: null,
    trailingBps: null,
    timeInForce: 'ioc',
    reduceOnly: true,
    postOnly: false,
    ocoGroup: null,
    purpose: 'exit',
    intentId: commandId,
    attempt: 0,
  }
}
