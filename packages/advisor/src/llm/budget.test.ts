import { createMemoryBus, createMemoryJournal, createRandom, flow } from '@barfinex/core'
import { aDecision, testRuns } from '@barfinex/core/testing'
import { describe, expect, test } from 'vitest'
import { BudgetLedger } from './budget.js'
import { llmOptions } from './llm-options.js'
import { restoreBudget } from './restore-budget.js'

const day = 86_400_000
const start = 19_724 * day
const defaults = llmOptions.parse({}).budget
const priced = { ...defaults, priceTable: { dear: { inputUsdPerMillion: 2.5, outputUsdPerMillion: 10 } } }

describe('budget', () => {
  test.each([
    [{ tokensPerDay: 300_000 }, 'tokensPerDay'],
    [{ perDayUsd: 0.2 }, 'perDayUsd'],
  ] as const)('a day of signals never exceeds %j, and the ledger is the sum of what was used, exactly', (cap, name) => {
    for (let seed = 0; seed < testRuns(2); seed += 1) {
      const random = createRandom(`budget/${seed}`)
      const limits = { ...priced, perDecisionUsd: 1, callsPerHourPerSymbol: 20, ...cap }
      const ledger = new BudgetLedger(limits)
      const sums = { dear: { tokensIn: 0, tokensOut: 0 }, unpriced: { tokensIn: 0, tokensOut: 0 } }
      const calls: { symbol: string; at: number }[] = []
      const refusals = new Set<string>()
      for (let signal = 0; signal < 2_000; signal += 1) {
        const now = start + Math.floor((signal * day) / 2_000)
        const symbol = `S${random.integer(3)}`
        const model = random.next() < 0.5 ? 'dear' : 'unpriced'
        const reserved = ledger.reserve(now, symbol, model, 200 + random.integer(3_000), 0)
        if (typeof reserved === 'string') {
          refusals.add(reserved)
          continue
        }
        calls.push({ symbol, at: now })
        const used =
          random.next() < 0.1 ? null : { tokensIn: random.integer(reserved.tokensIn), tokensOut: random.integer(600) }
        const counted = ledger.settle(reserved, used)
        sums[model].tokensIn += counted.tokensIn
        sums[model].tokensOut += counted.tokensOut
        const spent = (ledger.costOf('dear', sums.dear) ?? 0) + (ledger.costOf('unpriced', sums.unpriced) ?? 0)
        expect(spent).toBeLessThanOrEqual(limits.perDayUsd)
        const tokens = Object.values(sums).reduce((sum, it) => sum + it.tokensIn + it.tokensOut, 0)
        expect(tokens).toBeLessThanOrEqual(limits.tokensPerDay)
        expect(calls.filter((it) => it.symbol === symbol && it.at > now - 3_600_000).length).toBeLessThanOrEqual(20)
        expect(Object.fromEntries(ledger.today())).toMatchObject({ [model]: sums[model] })
      }
      expect([...refusals].sort()).toEqual(['callsPerHourPerSymbol', name, 'tokensIn'].sort())
    }
  })

  test('calls under way count with all that is set aside for them', () => {
    const ledger = new BudgetLedger({ ...priced, perDayUsd: 0.02 })
    const first = ledger.reserve(start, 'S', 'dear', 1_000, 0)
    expect(first).toMatchObject({ tokensIn: 1_000, tokensOut: 600 })
    expect(ledger.reserve(start, 'S', 'dear', 1_000, 0)).toMatchObject({ tokensIn: 1_000 })
    expect(ledger.reserve(start, 'S', 'dear', 1_000, 0)).toBe('perDayUsd')
    if (typeof first !== 'string') ledger.settle(first, { tokensIn: 10, tokensOut: 10 })
    expect(ledger.reserve(start, 'S', 'dear', 1_000, 0)).toMatchObject({ tokensIn: 1_000 })
  })

  test('one decision, one prompt, one day: each has its cap, and a new day begins anew', () => {
    const ledger = new BudgetLedger({ ...priced, tokensPerDay: 5_000 })
    expect(ledger.reserve(start, 'S', 'dear', 3_001, 0)).toBe('tokensIn')
    expect(ledger.reserve(start, 'S', 'dear', 1_000, 0.005)).toBe('perDecisionUsd')
    expect(ledger.reserve(start, 'S', 'unpriced', 3_000, 0)).toMatchObject({ tokensIn: 3_000 })
    expect(ledger.reserve(start, 'S', 'unpriced', 3_000, 0)).toBe('tokensPerDay')
    expect(ledger.reserve(start + day, 'S', 'unpriced', 3_000, 0)).toMatchObject({ tokensIn: 3_000 })
  })

  test('a restart remembers what the journal tells of the day', async () => {
    const bus = createMemoryBus()
    const journal = createMemoryJournal()
    bus.subscribe(flow.decision, (envelope) => journal.append(envelope, flow.decision as never))
    const publisher = bus.publisher(flow.decision, 'advisor')
    const decide = (decisionId: string, at: number, measured: Record<string, string | number | null>) => {
      const decision = aDecision({ decisionId, asOf: at, symbol: 'BTC/USDT' })
      const stages = decision.stages.map((it) => (it.name === 'synthesis' ? { ...it, measured } : it))
      publisher.publish({ ...decision, stages }, { occurredAt: at })
    }
    const used = { askedModel: 'dear', callCount: 2, tokensIn: 3_000, tokensOut: 500 }
    decide('a', start - 1, used)
    decide('b', start + 1, used)
    decide('c', start + 2, { ...used, askedModel: null, callCount: 0, tokensIn: 0, tokensOut: 0 })
    const ledger = new BudgetLedger({ ...priced, callsPerHourPerSymbol: 4 })
    await restoreBudget(ledger, journal, start + 3)
    expect(Object.fromEntries(ledger.today())).toEqual({ dear: { tokensIn: 3_000, tokensOut: 500 } })
    // The calls of the hour before midnight count as well.
    expect(ledger.reserve(start + 3, 'BTC/USDT', 'dear', 100, 0)).toBe('callsPerHourPerSymbol')
    expect(ledger.reserve(start + 3, 'ETH/USDT', 'dear', 100, 0)).toMatchObject({ tokensIn: 100 })
  })
})
