import { busContract, synchronousBusContract } from '../testing/index.js'
import { createMemoryBus } from './memory-bus.js'

busContract('memory bus', (settings) => createMemoryBus(settings))
busContract('memory bus without generated code', (settings) => createMemoryBus({ ...settings, generateCode: false }))
busContract('memory bus in debug', (settings) => createMemoryBus({ ...settings, debug: true }))

synchronousBusContract('memory bus', (settings) => createMemoryBus(settings))
synchronousBusContract('memory bus without generated code', (settings) =>
  createMemoryBus({ ...settings, generateCode: false }),
)
