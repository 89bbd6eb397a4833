import type { Operation } from './operation.js'

const span = ['startTime', 'endTime', 'limit']
const byOrder = ['orderId', 'origClientOrderId']
const orderTerms = [
  'positionSide',
  'timeInForce',
  'quantity',
  'reduceOnly',
  'price',
  'newClientOrderId',
  'stopPrice',
  'closePosition',
  'activationPrice',
  'callbackRate',
  'workingType',
  'priceProtect',
  'newOrderRespType',
  'priceMatch',
  'selfTradePreventionMode',
  'goodTillDate',
]

type Row = Omit<Operation, 'market'>

const anybody: readonly Row[] = [
  { rest: 'GET /fapi/v1/ping', security: 'none', weight: 1, run: () => ({}) },
  { rest: 'GET /fapi/v1/time', security: 'none', weight: 1, run: ({ world }) => ({ serverTime: world.now() }) },
  {
    rest: 'GET /fapi/v1/exchangeInfo',
    security: 'none',
    weight: 1,
    run: ({ world, values }) => world.usdm.exchangeInfo(values),
  },
  {
    rest: 'GET /fapi/v1/depth',
    security: 'none',
    weight: 5,
    needs: ['symbol'],
    takes: ['limit'],
    run: ({ world, values }) => world.usdm.depth(values),
  },
  {
    rest: 'GET /fapi/v1/klines',
    security: 'none',
    weight: 2,
    needs: ['symbol', 'interval'],
    takes: span,
    run: ({ world, values }) => world.usdm.klines(values),
  },
  {
    rest: 'GET /fapi/v1/trades',
    security: 'none',
    weight: 5,
    needs: ['symbol'],
    takes: ['limit'],
    run: ({ world, values }) => world.usdm.trades(values),
  },
  {
    rest: 'GET /fapi/v1/aggTrades',
    security: 'none',
    weight: 20,
    needs: ['symbol'],
    takes: ['fromId', ...span],
    run: ({ world, values }) => world.usdm.aggTrades(values),
  },
  {
    rest: 'GET /fapi/v1/ticker/24hr',
    security: 'none',
    weight: 1,
    takes: ['symbol'],
    run: ({ world, values }) => world.usdm.ticker24hr(values),
  },
  {
    rest: 'GET /fapi/v1/ticker/price',
    security: 'none',
    weight: 1,
    takes: ['symbol'],
    run: ({ world, values }) => world.usdm.tickerPrice(values),
  },
  {
    rest: 'GET /fapi/v2/ticker/price',
    security: 'none',
    weight: 1,
    takes: ['symbol'],
    run: ({ world, values }) => world.usdm.tickerPrice(values),
  },
  {
    rest: 'GET /fapi/v1/ticker/bookTicker',
    security: 'none',
    weight: 2,
    takes: ['symbol'],
    run: ({ world, values }) => world.usdm.bookTicker(values),
  },
  {
    rest: 'GET /fapi/v1/premiumIndex',
    security: 'none',
    weight: 1,
    takes: ['symbol'],
    run: ({ world, values }) => world.usdm.premiumIndex(values),
  },
  {
    rest: 'GET /fapi/v1/fundingRate',
    security: 'none',
    weight: 1,
    takes: ['symbol', ...span],
    run: ({ world, values }) => world.usdm.fundingRate(values),
  },
]

/** One bracket for every size: what `exchangeInfo` says of margins. */
function brackets(symbol: string): object {
  const bracket = {
    bracket: 1,
    initialLeverage: 20,
    notionalCap: 1e9,
    notionalFloor: 0,
    maintMarginRatio: 0.025,
    cum: 0,
  }
  return { symbol, notionalCoef: 1, brackets: [bracket] }
}

const owner: readonly Row[] = [
  {
    rest: 'GET /fapi/v1/leverageBracket',
    security: 'signed',
    weight: 1,
    takes: ['symbol'],
    run: ({ world, values }) =>
      world.symbols.usdm.filter((it) => values['symbol'] === undefined || it === values['symbol']).map(brackets),
  },
  {
    rest: 'POST /fapi/v1/order',
    security: 'signed',
    weight: 1,
    isAct: true,
    needs: ['symbol', 'side', 'type'],
    takes: orderTerms,
    run: ({ world, values, account }) => world.usdm.place(account().id, values),
  },
  {
    rest: 'DELETE /fapi/v1/order',
    security: 'signed',
    weight: 1,
    isAct: true,
    needs: ['symbol'],
    takes: byOrder,
    run: ({ world, values, account }) => world.usdm.cancel(account().id, values),
  },
  {
    rest: 'DELETE /fapi/v1/allOpenOrders',
    security: 'signed',
    weight: 1,
    isAct: true,
    needs: ['symbol'],
    run: ({ world, values, account }) => world.usdm.cancelAll(account().id, values),
  },
  {
    rest: 'POST /fapi/v1/leverage',
    security: 'signed',
    weight: 1,
    isAct: true,
    needs: ['symbol', 'leverage'],
    run: ({ world, values, account }) => world.usdm.leverage(account().id, values),
  },
  {
    rest: 'GET /fapi/v1/order',
    security: 'signed',
    weight: 1,
    needs: ['symbol'],
    takes: byOrder,
    run: ({ world, values, account, read }) => world.usdm.order(account().id, values, read),
  },
  {
    rest: 'GET /fapi/v1/openOrders',
    security: 'signed',
    weight: (values) => (values['symbol'] === undefined ? 40 : 1),
    takes: ['symbol'],
    run: ({ world, values, account, read }) => world.usdm.openOrders(account().id, values, read),
  },
  {
    rest: 'GET /fapi/v1/allOrders',
    security: 'signed',
    weight: 5,
    needs: ['symbol'],
    takes: ['orderId', ...span],
    run: ({ world, values, account, read }) => world.usdm.allOrders(account().id, values, read),
  },
  {
    rest: 'GET /fapi/v1/userTrades',
    security: 'signed',
    weight: 5,
    needs: ['symbol'],
    takes: ['orderId', 'fromId', ...span],
    run: ({ world, values, account, read }) => world.usdm.userTrades(account().id, values, read),
  },
  {
    rest: 'GET /fapi/v1/income',
    security: 'signed',
    weight: 30,
    takes: ['symbol', 'incomeType', ...span],
    run: ({ world, values, account }) => world.usdm.income(account().id, values),
  },
  ...['v2', 'v3'].flatMap((version): readonly Row[] => [
    {
      rest: `GET /fapi/${version}/positionRisk`,
      security: 'signed',
      weight: 5,
      takes: ['symbol'],
      run: ({ world, values, account, read }) => world.usdm.positionRisk(account().id, values, read),
    },
    {
      rest: `GET /fapi/${version}/balance`,
      security: 'signed',
      weight: 5,
      run: ({ world, account, read }) => world.usdm.balance(account().id, read),
    },
    {
      rest: `GET /fapi/${version}/account`,
      security: 'signed',
      weight: 5,
      run: ({ world, account, read }) => world.usdm.account(account().id, read),
    },
  ]),
]

/** USD-M perpetuals, as far as the venue has them. */
export const usdmOperations: readonly Operation[] = [...anybody, ...owner].map((row) => ({ ...row, market: 'usdm' }))
