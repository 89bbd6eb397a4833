import { z } from 'zod'
import { code, identifier, instantMs } from './primitives.js'

export const serviceName = z.enum(['provider', 'detector', 'advisor', 'inspector', 'studio'])
export type ServiceName = z.infer<typeof serviceName>

export const serviceStatus = z.object({
  service: serviceName,
  /** Several of one kind may live on a bus: the instance tells them apart. */
  instance: identifier,
  /** Counts this instance's starts; used for fencing. */
  epoch: z.number().int().nonnegative(),
  state: z.enum(['starting', 'ready', 'degraded', 'draining', 'stopped', 'failed']),
  code,
  message: z.string().max(500),
  since: instantMs,
  version: z.string().max(40),
})
/** How a service is. */
export interface ServiceStatus extends z.infer<typeof serviceStatus> {}

export const heartbeat = z.object({
  service: serviceName,
  instance: identifier,
  epoch: z.number().int().nonnegative(),
  beat: z.number().int().nonnegative(),
  at: instantMs,
  /** The next one comes at the latest so many milliseconds after this one; twice that without is a death. */
  everyMs: z.number().int().positive(),
})
/** A sign of life. */
export interface Heartbeat extends z.infer<typeof heartbeat> {}
