import {
  type AccountState,
  type Bus,
  type Candle,
  closeTimeOf,
  createRandom,
  type Decision,
  type Direction,
  flow,
  type Order,
  type OrderEvent,
  type PositionState,
  queries,
  type Reason,
  type RuleResult,
  type ServiceName,
  type StageName,
  timeframeMs,
  type VirtualClock,
} from '@barfinex/core'

const minute = 60_000
const hash = '7f'.repeat(32)

export const scriptedSymbols = ['BTC/USDT', 'ETH/USDT'] as const
const firstPrices = { 'BTC/USDT': 42_000, 'ETH/USDT': 2_300 } as const

const stageNames: readonly StageName[] = [
  'context',
  'quality',
  'score',
  'conviction',
  'calibration',
  'synthesis',
  'validation',
  'intent',
]

/** Messages of a desk that nobody runs: enough of every kind to fill a screen, the same for the same seed. */
export interface ScriptedDesk {
  /** Services, instruments, state and `minutes` of market with everything that came of it. */
  begin(minutes: number): Promise<void>
  /** One more minute. */
  step(): Promise<void>
  /** Opens a long position with its protection, whatever the market does. */
  enter(symbol: string): void
  /** Takes the protection of a position away. */
  strip(symbol: string): void
  raise(message: string): void
}

/** Publishes onto a bus, minute by minute on its clock; history is answered as Provider would. */
export function scriptDesk(bus: Bus, clock: VirtualClock): ScriptedDesk {
  const random = createRandom(7)
  const candles = new Map<string, Candle[]>()
  const prices = new Map<string, number>(Object.entries(firstPrices))
  const positions = new Map<string, PositionState>()
  const working = new Map<string, OrderEvent>()
  let now = clock.now()
  let equity = 10_000
  let peak = equity
  let serial = 0
  let sequence = 0
  const publishers = {
    instrument: bus.publisher(flow.instrument, 'provider'),
    quote: bus.publisher(flow.quote, 'provider'),
    trade: bus.publisher(flow.trade, 'provider'),
    formingCandle: bus.publisher(flow.formingCandle, 'provider'),
    candle: bus.publisher(flow.candle, 'provider'),
    feed: bus.publisher(flow.feed, 'provider'),
    evaluation: bus.publisher(flow.evaluation, 'detector'),
    signal: bus.publisher(flow.signal, 'detector'),
    strategyState: bus.publisher(flow.strategyState, 'detector'),
    decision: bus.publisher(flow.decision, 'advisor'),
    intent: bus.publisher(flow.intent, 'advisor'),
    verdict: bus.publisher(flow.verdict, 'inspector'),
    tradingState: bus.publisher(flow.tradingState, 'inspector'),
    protection: bus.publisher(flow.protection, 'inspector'),
    riskState: bus.publisher(flow.riskState, 'inspector'),
    outcome: bus.publisher(flow.outcome, 'inspector'),
    incident: bus.publisher(flow.incident, 'inspector'),
    orderEvent: bus.publisher(flow.orderEvent, 'provider'),
    fill: bus.publisher(flow.fill, 'provider'),
    account: bus.publisher(flow.account, 'provider'),
    serviceStatus: bus.publisher(flow.serviceStatus, 'provider'),
    heartbeat: bus.publisher(flow.heartbeat, 'provider'),
  }
  const at = () => ({ occurredAt: now })
  const id = (prefix: string) => `${prefix}-${(serial++).toString(36).padStart(4, '0')}`
  const digits = (symbol: string) => (symbol === 'BTC/USDT' ? 1 : 2)
  const text = (symbol: string, price: number) => String(Number(price.toFixed(digits(symbol))))

  bus.respond(queries.candles, ({ symbol, timeframe, until, limit }) => {
    const lowest = (candles.get(symbol) ?? []).filter((it) => it.closeTime <= until)
    const all = timeframe === '1m' ? lowest : grouped(lowest, timeframe)
    return { candles: all.slice(-limit), cursor: null }
  })

  function beginServices(): void {
    for (const service of ['provider', 'detector', 'advisor', 'inspector'] as const) {
      publishers.serviceStatus.publish(
        {
          service,
          instance: 'main',
          epoch: 1,
          state: 'ready',
          code: 'service.ready',
          message: statusTexts[service],
          since: now,
          version: '0.1.0',
        },
        at(),
      )
    }
    for (const symbol of scriptedSymbols) {
      const [base = '', quote = ''] = symbol.split('/')
      publishers.instrument.publish(
        {
          symbol,
          exchange: 'paper',
          kind: 'swap',
          base,
          quote,
          settle: quote,
          tickSize: symbol === 'BTC/USDT' ? '0.1' : '0.01',
          stepSize: '0.001',
          minQuantity: '0.001',
          maxQuantity: null,
          minNotional: '5',
          maxNotional: null,
          makerFeeBps: '2',
          takerFeeBps: '5',
          status: 'trading',
          revision: 1,
        },
        at(),
      )
      publishers.feed.publish(
        { symbol, state: 'live', code: 'market.feed.live', since: now, lastEventAt: now, refusedCount: 0, gapCount: 0 },
        at(),
      )
    }
    publishers.tradingState.publish(
      { account: 'paper', state: 'active', reason: null, setBy: 'policy', since: now },
      at(),
    )
    publishers.strategyState.publish(
      {
        strategyId: 'volatility-break',
        strategyHash: hash,
        state: 'warming',
        reason: { code: 'detector.warming', message: 'Waiting for 288 candles.' },
        since: now,
        evaluationCount: 0,
        signalCount: 0,
      },
      at(),
    )
  }

  async function step(): Promise<void> {
    for (const symbol of scriptedSymbols) stepMarket(symbol)
    await clock.advanceBy(minute)
    now = clock.now()
    for (const symbol of scriptedSymbols) {
      const candle = candles.get(symbol)?.at(-1) as Candle
      publishers.candle.publish(candle, at())
      judge(symbol, candle)
    }
    mark()
    for (const service of ['provider', 'detector', 'advisor', 'inspector'] as const) {
      publishers.heartbeat.publish({ service, instance: 'main', epoch: 1, beat: 0, at: now, everyMs: 5_000 }, at())
    }
  }

  function stepMarket(symbol: string): void {
    const open = prices.get(symbol) as number
    const path = [open]
    for (let index = 0; index < 6; index += 1) path.push((path[index] as number) + open * 0.0006 * random.normal())
    const close = path.at(-1) as number
    prices.set(symbol, close)
    const list = candles.get(symbol) ?? []
    const candle: Candle = {
      symbol,
      timeframe: '1m',
      openTime: now,
      closeTime: now + minute,
      open,
      high: Math.max(...path),
      low: Math.min(...path),
      close,
      volume: 2 + 20 * random.next() * (1 + Math.abs(close / open - 1) * 900),
      tradeCount: 40,
      isFinal: true,
      provenance: 'live',
      revision: 0,
    }
    list.push(candle)
    candles.set(symbol, list)
    for (let index = 0; index < 4; index += 1) {
      publishers.trade.publish(
        {
          symbol,
          tradeId: id('t'),
          price: path[index] as number,
          quantity: 0.1,
          takerSide: 'buy',
          occurredAt: now + index,
        },
        at(),
      )
    }
    publishers.quote.publish(
      { symbol, bid: close * 0.99995, ask: close * 1.00005, bidQuantity: 2.5, askQuantity: 1.8, occurredAt: now },
      at(),
    )
  }

  function judge(symbol: string, candle: Candle): void {
    for (const strategyId of ['ema-pullback', 'range-fade']) {
      const draw = random.next()
      const direction: Direction = random.next() < 0.55 ? 'long' : 'short'
      const rules: RuleResult[] = [
        ['trend-up', 1.5, draw > 0.4],
        ['pullback-to-ema', 1, draw > 0.65],
        ['volume-above-mean', 0.5, draw > 0.3],
        ['rsi-not-hot', 0.5, draw < 0.95],
      ].map(([rule, weight, fired]) => ({
        id: rule as string,
        direction,
        weight: weight as number,
        value: draw * 3,
        fired: fired as boolean,
      }))
      const score = rules.reduce((sum, rule) => sum + (rule.fired ? rule.weight : 0), 0)
      const isSignal = score >= 3 && draw > 0.9
      const signalId = isSignal ? id('sig') : null
      publishers.evaluation.publish(
        {
          strategyId,
          strategyHash: hash,
          symbol,
          timeframe: '1m',
          candleOpenTime: candle.openTime,
          rules,
          vetoes: [],
          longScore: direction === 'long' ? score : 0.5,
          shortScore: direction === 'short' ? score : 0,
          longThreshold: 3,
          shortThreshold: strategyId === 'ema-pullback' ? null : 3,
          signalId,
          reasons: isSignal ? [] : [{ code: 'detector.score-below-threshold', message: `Score ${score} of 3.` }],
        },
        at(),
      )
      if (signalId !== null) signal(signalId, strategyId, symbol, direction, score, rules, candle)
    }
  }

  function signal(
    signalId: string,
    strategyId: string,
    symbol: string,
    direction: Direction,
    score: number,
    rules: readonly RuleResult[],
    candle: Candle,
  ): void {
    const sign = direction === 'long' ? 1 : -1
    const price = candle.close
    const envelope = publishers.signal.publish(
      {
        signalId,
        strategyId,
        strategyHash: hash,
        symbol,
        timeframe: '1m',
        direction,
        score,
        threshold: 3,
        rules: [...rules],
        candleOpenTime: candle.openTime,
        price,
        stopPrice: price * (1 - sign * 0.004),
        targetPrice: price * (1 + sign * 0.008),
        sizeHint: 1,
        firedAt: now,
        expiresAt: now + minute,
      },
      at(),
    )
    const failing = Math.floor(random.next() * 12)
    const rejectedAt = failing >= 8 ? null : failing
    const decision = decisionOf(signalId, strategyId, symbol, direction, rejectedAt, id('dec'), id('int'), now)
    publishers.decision.publish(decision, { ...at(), cause: envelope })
    if (decision.intentId === null) return
    publishers.intent.publish(
      {
        intentId: decision.intentId,
        decisionId: decision.decisionId,
        decisionFingerprint: hash,
        signalId,
        strategyId,
        symbol,
        direction,
        entry: 'market',
        limitPrice: null,
        referencePrice: text(symbol, price),
        stopPrice: text(symbol, price * (1 - sign * 0.004)),
        targetPrice: text(symbol, price * (1 + sign * 0.008)),
        sizeCap: 0.6,
        rewardToRisk: 1.9,
        probability: 0.54,
        expectedR: 0.11,
        regime: 'calm-up',
        degraded: [],
        issuedAt: now,
        expiresAt: now + minute,
      },
      at(),
    )
    if (random.next() < 0.35 || positions.has(symbol)) deny(symbol, decision.intentId)
    else open(symbol, direction, decision)
  }

  function deny(symbol: string, intentId: string): void {
    publishers.verdict.publish(
      {
        verdictId: id('ver'),
        type: 'denied',
        account: 'paper',
        intentId,
        symbol,
        purpose: 'entry',
        order: null,
        reasons: [
          {
            code: 'inspector.max-position-notional',
            message: 'The position would be worth 1,260 USDT; 1,000 is the limit.',
            limit: '1000',
            observed: '1260',
          },
          {
            code: 'inspector.cooldown-after-loss',
            message: 'The last loss was 240 s ago; 600 s have to pass.',
            limit: 600,
            observed: 240,
          },
        ],
        policies: ['inspector.max-position-notional', 'inspector.cooldown-after-loss', 'inspector.daily-loss'],
        reservedNotional: '0',
        decidedAt: now,
      },
      at(),
    )
  }

  function open(symbol: string, direction: Direction, decision: Pick<Decision, 'intentId' | 'decisionId'>): void {
    const intentId = decision.intentId ?? id('int')
    const price = prices.get(symbol) as number
    const quantity = symbol === 'BTC/USDT' ? '0.02' : '0.35'
    const side = direction === 'long' ? 'buy' : 'sell'
    const entry = orderOf(symbol, side, 'market', 'entry', quantity, null, null, intentId)
    publishers.verdict.publish(
      {
        verdictId: id('ver'),
        type: 'approved',
        account: 'paper',
        intentId,
        symbol,
        purpose: 'entry',
        order: entry,
        reasons: [],
        policies: ['inspector.max-position-notional', 'inspector.cooldown-after-loss', 'inspector.daily-loss'],
        reservedNotional: (price * Number(quantity)).toFixed(0),
        decidedAt: now,
      },
      at(),
    )
    trace(entry, ['submitted', 'accepted'])
    trace(entry, ['filled'], text(symbol, price))
    filled(entry, text(symbol, price))
    positions.set(symbol, {
      symbol,
      side: direction,
      quantity,
      averagePrice: text(symbol, price),
      realizedPnl: '0',
      feesPaid: '0.42',
      openedAt: now,
    })
    const sign = direction === 'long' ? 1 : -1
    const exit = direction === 'long' ? 'sell' : 'buy'
    const group = id('oco')
    const stop = text(symbol, price * (1 - sign * 0.004))
    const target = text(symbol, price * (1 + sign * 0.008))
    for (const order of [
      orderOf(symbol, exit, 'stopMarket', 'stop', quantity, null, stop, intentId, group),
      orderOf(symbol, exit, 'limit', 'target', quantity, target, null, intentId, group),
    ]) {
      trace(order, ['submitted', 'accepted'])
    }
    protect(symbol, 'covered', quantity, stop, target)
  }

  function orderOf(
    symbol: string,
    side: Order['side'],
    type: Order['type'],
    purpose: Order['purpose'],
    quantity: string,
    limitPrice: string | null,
    triggerPrice: string | null,
    intentId: string,
    ocoGroup: string | null = null,
  ): Order {
    return {
      clientOrderId: id('ord'),
      symbol,
      side,
      type,
      quantity,
      limitPrice,
      triggerPrice,
      trailingBps: null,
      timeInForce: type === 'market' ? 'ioc' : 'gtc',
      reduceOnly: purpose !== 'entry',
      postOnly: false,
      ocoGroup,
      purpose,
      intentId,
      attempt: 0,
    }
  }

  function trace(order: Order, states: readonly OrderEvent['state'][], averagePrice: string | null = null): void {
    for (const state of states) {
      const isFilled = state === 'filled'
      const event: OrderEvent = {
        account: 'paper',
        clientOrderId: order.clientOrderId,
        exchangeOrderId: null,
        symbol: order.symbol,
        side: order.side,
        type: order.type,
        purpose: order.purpose,
        intentId: order.intentId,
        state,
        sequence: sequence++,
        quantity: order.quantity,
        filledQuantity: isFilled ? order.quantity : '0',
        averagePrice,
        limitPrice: order.limitPrice,
        triggerPrice: order.triggerPrice,
        reduceOnly: order.reduceOnly,
        ocoGroup: order.ocoGroup,
        reason: null,
        occurredAt: now,
      }
      publishers.orderEvent.publish(event, at())
      if (state === 'accepted' && order.purpose !== 'entry') working.set(order.clientOrderId, event)
      if (isFilled || state === 'canceled') working.delete(order.clientOrderId)
    }
  }

  function filled(order: Order, price: string): void {
    publishers.fill.publish(
      {
        account: 'paper',
        fillId: `${order.symbol}.${serial++}`,
        clientOrderId: order.clientOrderId,
        exchangeOrderId: null,
        symbol: order.symbol,
        side: order.side,
        purpose: order.purpose,
        intentId: order.intentId,
        price,
        quantity: order.quantity,
        fee: '0.42',
        feeAsset: 'USDT',
        liquidity: order.type === 'limit' ? 'maker' : 'taker',
        inferred: false,
        occurredAt: now,
      },
      at(),
    )
  }

  function protect(
    symbol: string,
    status: 'flat' | 'covered' | 'naked',
    quantity: string,
    stop: string,
    target: string,
  ): void {
    publishers.protection.publish(
      {
        account: 'paper',
        symbol,
        status,
        positionQuantity: quantity,
        coveredQuantity: status === 'covered' ? quantity : '0',
        stopPrice: status === 'flat' ? null : stop,
        targetPrice: status === 'flat' ? null : target,
        stopOrderId: null,
        targetOrderId: null,
        nakedSince: status === 'naked' ? now : null,
        longestNakedMs: 40,
        asOf: now,
      },
      at(),
    )
  }

  /** Stops and targets that the last minute reached, then the account at new prices. */
  function mark(): void {
    for (const [symbol, position] of [...positions]) {
      const price = prices.get(symbol) as number
      const orders = [...working.values()].filter((it) => it.symbol === symbol)
      const isLong = position.side === 'long'
      const hit = orders.find((it) => {
        const level = Number(it.triggerPrice ?? it.limitPrice)
        const isBelow = (it.purpose === 'stop') === isLong
        return isBelow ? price <= level : price >= level
      })
      if (hit === undefined) continue
      const exitPrice = (hit.triggerPrice ?? hit.limitPrice) as string
      const result = (Number(exitPrice) - Number(position.averagePrice)) * Number(position.quantity) * (isLong ? 1 : -1)
      const order = orderOf(
        symbol,
        hit.side,
        hit.type,
        hit.purpose,
        hit.quantity,
        hit.limitPrice,
        hit.triggerPrice,
        hit.intentId,
      )
      trace({ ...order, clientOrderId: hit.clientOrderId }, ['filled'], exitPrice)
      filled({ ...order, clientOrderId: hit.clientOrderId }, exitPrice)
      for (const it of orders) {
        if (it === hit) continue
        const other = orderOf(
          symbol,
          it.side,
          it.type,
          it.purpose,
          it.quantity,
          it.limitPrice,
          it.triggerPrice,
          it.intentId,
        )
        trace({ ...other, clientOrderId: it.clientOrderId }, ['canceled'])
      }
      equity += result - 0.84
      positions.delete(symbol)
      protect(symbol, 'flat', '0', exitPrice, exitPrice)
      publishers.outcome.publish(
        {
          outcomeId: id('out'),
          account: 'paper',
          intentId: hit.intentId,
          decisionId: 'dec-0000',
          signalId: 'sig-0000',
          strategyId: 'ema-pullback',
          symbol,
          direction: isLong ? 'long' : 'short',
          quantity: position.quantity,
          entryPrice: position.averagePrice as string,
          exitPrice,
          grossPnl: String(Number(result.toFixed(4))),
          fees: '0.84',
          netPnl: String(Number((result - 0.84).toFixed(4))),
          resultR: hit.purpose === 'stop' ? -1.1 : 1.9,
          exitReason: hit.purpose === 'stop' ? 'stopLoss' : 'takeProfit',
          probability: 0.54,
          regime: 'calm-up',
          openedAt: position.openedAt ?? now,
          closedAt: now,
        },
        at(),
      )
    }
    const floating = [...positions.values()].reduce((sum, it) => {
      const sign = it.side === 'long' ? 1 : -1
      return sum + ((prices.get(it.symbol) as number) - Number(it.averagePrice)) * Number(it.quantity) * sign
    }, 0)
    const worth = equity + floating
    peak = Math.max(peak, worth)
    const exposure = [...positions.values()].reduce(
      (sum, it) => sum + Number(it.quantity) * (prices.get(it.symbol) as number),
      0,
    )
    const state: AccountState = {
      account: 'paper',
      sequence: sequence++,
      known: true,
      reason: null,
      balances: [{ asset: 'USDT', free: worth.toFixed(0), locked: '0', total: worth.toFixed(0) }],
      positions: [...positions.values()],
      openOrders: [...working.values()],
      equityQuote: String(Number(worth.toFixed(4))),
      quoteAsset: 'USDT',
      asOf: now,
    }
    publishers.account.publish(state, at())
    publishers.riskState.publish(
      {
        account: 'paper',
        equityQuote: state.equityQuote,
        peakEquityQuote: String(Number(peak.toFixed(4))),
        drawdown: (peak - worth) / peak,
        dayStartEquityQuote: '10000',
        dayPnlQuote: String(Number((worth - 10_000).toFixed(4))),
        losingStreak: 1,
        lastLossAt: null,
        openPositionCount: positions.size,
        grossExposureQuote: exposure.toFixed(0),
        reservedQuote: '0',
        asOf: now,
      },
      at(),
    )
  }

  function raise(message: string): void {
    const reason = { code: 'market.book.sequence-gap', message }
    const incidentId = id('inc')
    publishers.incident.publish({ incidentId, severity: 'warning', reason, symbol: 'ETH/USDT', raisedAt: now }, at())
  }

  return {
    async begin(minutes) {
      beginServices()
      for (let index = 0; index < minutes; index += 1) await step()
      raise('A gap of 14 updates; the book was fetched anew.')
    },
    step,
    enter(symbol) {
      if (!positions.has(symbol)) open(symbol, 'long', { intentId: id('int'), decisionId: id('dec') })
      mark()
    },
    strip(symbol) {
      const position = positions.get(symbol)
      if (position !== undefined) protect(symbol, 'naked', position.quantity, '1', '1')
    },
    raise,
  }
}

const statusTexts: Readonly<Record<Exclude<ServiceName, 'studio'>, string>> = {
  provider: 'Paper exchange, 2 symbols.',
  detector: '3 strategies, 1 warming.',
  advisor: 'Model in service; language model off.',
  inspector: '9 policies, exploratory profile.',
}

function decisionOf(
  signalId: string,
  strategyId: string,
  symbol: string,
  direction: Direction,
  rejectedAt: number | null,
  decisionId: string,
  intentId: string,
  now: number,
): Decision {
  const why: Reason = {
    code: 'advisor.validation.reward-risk',
    message: 'Reward to risk is 1.12 after costs; 1.2 is the least.',
    limit: 1.2,
    observed: 1.12,
  }
  return {
    decisionId,
    signalId,
    strategyId,
    symbol,
    direction,
    outcome: rejectedAt === null ? 'intent' : 'rejected',
    intentId: rejectedAt === null ? intentId : null,
    rejectedBy: rejectedAt === null ? null : (stageNames[rejectedAt] as StageName),
    reasons: rejectedAt === null ? [] : [why],
    stages: stageNames.map((name, index) => {
      const isSkipped = rejectedAt !== null && index > rejectedAt
      const isRejected = rejectedAt === index
      const isDegraded = name === 'synthesis' && !isSkipped && !isRejected
      return {
        stage: index + 1,
        name,
        status: isSkipped ? 'skipped' : isRejected ? 'rejected' : isDegraded ? 'degraded' : 'ok',
        reasons: isRejected
          ? [why]
          : isDegraded
            ? [{ code: 'advisor.synthesis.off', message: 'No language model is named; our own rules wrote it.' }]
            : [],
        measured: isSkipped ? {} : { spreadBps: 1.04, atrPercent: 0.1213, candles: 288, rewardToRisk: 1.87 },
        limits: isSkipped ? {} : { spreadBps: 6, rewardToRisk: 1.2 },
        inputHash: hash,
        outputHash: hash,
        previousHash: hash,
        durationUs: 120,
      }
    }),
    snapshotHash: hash,
    configHash: hash,
    conviction: 0.571,
    probability: 0.5423,
    expectedR: 0.112,
    regime: 'calm-up',
    synthesisSource: 'rules',
    rationale: 'Trend and pullback agree; the spread is a small part of the risk. The book leans to the bid.',
    fingerprint: hash,
    asOf: now,
    decidedAt: now,
  }
}

function grouped(lowest: readonly Candle[], timeframe: Candle['timeframe']): Candle[] {
  const span = timeframeMs(timeframe)
  const result: Candle[] = []
  for (const it of lowest) {
    const openTime = it.openTime - (it.openTime % span)
    const last = result.at(-1)
    if (last?.openTime === openTime) {
      result[result.length - 1] = {
        ...last,
        high: Math.max(last.high, it.high),
        low: Math.min(last.low, it.low),
        close: it.close,
        volume: last.volume + it.volume,
      }
    } else result.push({ ...it, timeframe, openTime, closeTime: closeTimeOf(timeframe, openTime) })
  }
  return result
}
