import type { OperatorCommand } from '../flow/6-command.js'
import type { Heartbeat, ServiceStatus } from '../flow/7-service.js'
import { newYear } from './given-market.js'

export function anOperatorCommand(overrides: Partial<OperatorCommand> = {}): OperatorCommand {
  return {
    commandId: 'command-1',
    type: 'halt',
    account: 'paper',
    symbol: null,
    clientOrderId: null,
    strategyId: null,
    by: 'ada',
    why: 'Looking at it myself.',
    issuedAt: newYear,
    expiresAt: newYear + 60_000,
    ...overrides,
  }
}

export function aServiceStatus(overrides: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    service: 'inspector',
    instance: 'main',
    epoch: 1,
    state: 'ready',
    code: 'service.ready',
    message: 'Ready.',
    since: newYear,
    version: '0.1.0',
    ...overrides,
  }
}

export function aHeartbeat(overrides: Partial<Heartbeat> = {}): Heartbeat {
  return { service: 'inspector', instance: 'main', epoch: 1, beat: 0, at: newYear, everyMs: 5_000, ...overrides }
}
