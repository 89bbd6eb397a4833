import { expect, it } from 'vitest'
import { givenWorld } from './given-world.js'

// The still market of seed 7 stands at 40,879.37.
const oco = {
  symbol: 'BTCUSDT',
  side: 'SELL',
  quantity: '0.1',
  listClientOrderId: 'list',
  aboveType: 'LIMIT_MAKER',
  aboveClientOrderId: 'target',
  abovePrice: '42000',
  belowType: 'STOP_LOSS_LIMIT',
  belowClientOrderId: 'stop',
  belowStopPrice: '40000',
  belowPrice: '39000',
  belowTimeInForce: 'GTC',
}

const entry = {
  symbol: 'BTCUSDT',
  workingType: 'LIMIT',
  workingSide: 'BUY',
  workingClientOrderId: 'entry',
  workingPrice: '40500',
  workingQuantity: '0.1',
  workingTimeInForce: 'GTC',
}

const otoco = {
  ...entry,
  pendingSide: 'SELL',
  pendingQuantity: '0.0999',
  pendingAboveType: 'LIMIT_MAKER',
  pendingAboveClientOrderId: 'target',
  pendingAbovePrice: '42000',
  pendingBelowType: 'STOP_LOSS',
  pendingBelowClientOrderId: 'stop',
  pendingBelowStopPrice: '39500',
}

function given() {
  const it = givenWorld()
  const status = (id: string) => it.world.spot.order('bot', { symbol: 'BTCUSDT', origClientOrderId: id })['status']
  const states = () =>
    ['entry', 'target', 'stop'].map(
      (id) => it.world.truth().accounts[0]?.orders.find((order) => order.clientOrderId === id)?.status,
    )
  return { ...it, status, states }
}

it('S5: an OCO locks once, and its stop expires when the target fills', () => {
  const { world, status, told, story } = given()
  const reply = world.spot.placeOco('bot', oco)
  expect(reply).toMatchObject({
    contingencyType: 'OCO',
    listStatusType: 'EXEC_STARTED',
    listOrderStatus: 'EXECUTING',
    listClientOrderId: 'list',
    orders: [{ clientOrderId: 'target' }, { clientOrderId: 'stop' }],
    orderReports: [
      { status: 'NEW', type: 'LIMIT_MAKER' },
      { status: 'NEW', stopPrice: '40000.00000000' },
    ],
  })
  expect(world.truth().accounts[0]?.balances).toContainEqual(
    expect.objectContaining({ market: 'spot', asset: 'BTC', locked: '0.10000000' }),
  )
  expect(world.spot.openOrderLists('bot', {})).toHaveLength(1)
  world.movePrice('spot', 'BTCUSDT', '42100')
  expect([status('target'), status('stop')]).toEqual(['FILLED', 'EXPIRED'])
  expect(told.find((it) => it.fields['c'] === 'stop' && it.fields['x'] === 'EXPIRED')?.fields).toMatchObject({
    eR: 'OCO_TRIGGER',
  })
  expect(story().filter((it) => it.startsWith('list'))).toEqual(['list EXEC_STARTED', 'list ALL_DONE'])
  expect(world.spot.openOrderLists('bot', {})).toEqual([])
  expect(world.spot.orderList('bot', { origClientOrderId: 'list' })).toMatchObject({ listOrderStatus: 'ALL_DONE' })
})

it('S5: a stop that wakes ends the target before it trades', () => {
  const { world, status } = given()
  world.spot.placeOco('bot', oco)
  world.movePrice('spot', 'BTCUSDT', '39990')
  expect([status('target'), status('stop')]).toEqual(['EXPIRED', 'FILLED'])
  expect(world.spot.myTrades('bot', { symbol: 'BTCUSDT' })).toHaveLength(1)
})

it('takes an OCO whole or not at all', () => {
  const { world, told, story } = given()
  const refused = (params: Record<string, string>) => () => world.spot.placeOco('bot', { ...oco, ...params })
  expect(refused({ abovePrice: '40000' })).toThrow(
    '-2010 The relationship of the prices for the orders is not correct.',
  )
  expect(refused({ belowType: 'TAKE_PROFIT_LIMIT' })).toThrow('-1158')
  expect(refused({ quantity: '3' })).toThrow('-2010 Account has insufficient balance for requested action.')
  expect(refused({ belowClientOrderId: 'target' })).toThrow('-2010 Duplicate order sent.')
  // The first leg stands above the last price, but the best bid has come through it: only the engine sees that.
  world.printTrade('spot', 'BTCUSDT', '40870', '0.001', 'SELL')
  expect(refused({ abovePrice: '40875' })).toThrow('-2010 Order would immediately match and take.')
  expect(world.truth().accounts[0]?.orders).toEqual([])
  expect(world.spot.openOrderLists('bot', {})).toEqual([])
  expect(told).toEqual([])
  world.spot.placeOco('bot', oco)
  expect(story()).toEqual(['list EXEC_STARTED', 'NEW NEW', 'NEW NEW', 'outboundAccountPosition'])
})

it('undoes the first leg when the engine refuses the second', () => {
  const { world, told } = given()
  world.printTrade('spot', 'BTCUSDT', '40990', '0.001', 'BUY')
  // The lower leg rests below the last price, but above the asks at 40,881.42: it would take.
  const buy = { symbol: 'BTCUSDT', side: 'BUY', quantity: '0.1', aboveType: 'STOP_LOSS', aboveStopPrice: '42000' }
  const refused = () => world.spot.placeOco('bot', { ...buy, belowType: 'LIMIT_MAKER', belowPrice: '40985' })
  expect(refused).toThrow('-2010 Order would immediately match and take.')
  expect(world.truth().accounts[0]?.orders).toEqual([])
  expect(world.truth().accounts[0]?.balances.every((it) => it.locked === '0.00000000')).toBe(true)
  expect(told).toEqual([])
})

it('cancels a whole list with one of its orders, or by its name', () => {
  const { world, status } = given()
  world.spot.placeOco('bot', oco)
  world.spot.cancel('bot', { symbol: 'BTCUSDT', origClientOrderId: 'stop' })
  expect([status('target'), status('stop')]).toEqual(['CANCELED', 'CANCELED'])
  world.spot.placeOco('bot', oco)
  const reply = world.spot.cancelList('bot', { symbol: 'BTCUSDT', listClientOrderId: 'list' })
  expect(reply).toMatchObject({
    listStatusType: 'ALL_DONE',
    orderReports: [{ status: 'CANCELED' }, { status: 'CANCELED' }],
  })
  world.spot.placeOco('bot', oco)
  expect(world.spot.cancelAll('bot', { symbol: 'BTCUSDT' })).toMatchObject([{ contingencyType: 'OCO' }])
  expect(() => world.spot.cancelAll('bot', { symbol: 'BTCUSDT' })).toThrow('-2011 Unknown order sent.')
})

it('S4: children of an OTOCO live only after the whole entry is filled', () => {
  const { world, states, story } = given()
  expect(world.spot.placeOtoco('bot', otoco)).toMatchObject({
    contingencyType: 'OTO',
    orderReports: [{ status: 'NEW' }, { status: 'PENDING_NEW' }, { status: 'PENDING_NEW' }],
  })
  world.printTrade('spot', 'BTCUSDT', '40500', '0.05', 'SELL')
  expect(states()).toEqual(['PARTIALLY_FILLED', 'PENDING_NEW', 'PENDING_NEW'])
  world.printTrade('spot', 'BTCUSDT', '40500', '0.05', 'SELL')
  expect(states()).toEqual(['FILLED', 'NEW', 'NEW'])
  world.movePrice('spot', 'BTCUSDT', '39400')
  expect(states()).toEqual(['FILLED', 'EXPIRED', 'FILLED'])
  expect(story().filter((it) => it.startsWith('list'))).toEqual(['list EXEC_STARTED', 'list ALL_DONE'])
})

it('S4: an entry that ends leaves no children behind', () => {
  const { world, states } = given()
  world.spot.placeOtoco('bot', otoco)
  world.printTrade('spot', 'BTCUSDT', '40500', '0.05', 'SELL')
  world.spot.cancel('bot', { symbol: 'BTCUSDT', origClientOrderId: 'entry' })
  expect(states()).toEqual(['CANCELED', 'CANCELED', 'CANCELED'])
  expect(world.spot.openOrders('bot', {})).toEqual([])
})

it('leaves a position naked, as the venue would, when the children ask for more than the entry has brought', () => {
  const { world, states, told } = given()
  world.deposit('bot', 'spot', 'BTC', '-2')
  world.spot.placeOtoco('bot', { ...otoco, pendingQuantity: '0.1' })
  world.printTrade('spot', 'BTCUSDT', '40400', '1', 'SELL')
  expect(states()[0]).toBe('FILLED')
  expect(states().slice(1)).not.toContain('NEW')
  expect(told.find((it) => it.fields['x'] === 'REJECTED')?.fields).toMatchObject({ r: 'INSUFFICIENT_BALANCES' })
})

it('starts one child after a filled entry', () => {
  const { world } = given()
  const child = { pendingType: 'STOP_LOSS', pendingSide: 'SELL', pendingQuantity: '0.0999', pendingStopPrice: '39500' }
  world.spot.placeOto('bot', { ...entry, ...child, workingPrice: '40990' })
  expect(world.spot.openOrders('bot', {})).toMatchObject([{ type: 'STOP_LOSS', status: 'NEW' }])
})
