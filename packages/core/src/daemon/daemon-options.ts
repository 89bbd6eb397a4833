import { z } from 'zod'
import { identifier } from '../flow/primitives.js'

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/, 'must be letters, digits and _ . -, at most 40')
const loopback = z
  .string()
  .regex(/^(localhost|::1|127(\.\d{1,3}){3})$/, 'must be a loopback address: probes are not for others')

/** The part `daemon` of a configuration: the same for all five. */
export const daemonOptions = z.strictObject({
  /** The bus. The password comes from `passwordFile` or `BARFINEX_REDIS_PASSWORD`, never from the file itself. */
  redis: z.strictObject({
    /** `redis://user@127.0.0.1:6379/0`; `rediss:` is TLS. */
    url: z.string().regex(/^rediss?:\/\/[^\s]+$/, 'must be an address such as "redis://127.0.0.1:6379"'),
    /** Keeps several desks on one server apart: one per account. */
    namespace: name.default('barfinex'),
    /** A file only its owner can read. */
    passwordFile: z.string().min(1).optional(),
  }),
  /** Tells daemons of one kind apart. */
  instance: name.default('main'),
  /** The account it serves: needed by Provider and Inspector, of each of which an account has one. */
  account: identifier.optional(),
  journal: z.strictObject({
    /** A directory of its own. */
    directory: z.string().min(1),
    /** `always`: nothing is sent before the disk has it. `interval`: a power failure may cost the last second. */
    fsync: z.enum(['always', 'interval']).default('always'),
  }),
  approvals: z
    .strictObject({
      /** Inspector's: a PEM file only its owner can read, made by `barfinex keys`. */
      privateKeyFile: z.string().min(1).optional(),
      /** Provider's: PEM files (or PEM texts) of the Inspectors whose seals count; more than one while keys are changed. */
      publicKeys: z.array(z.string().min(1)).optional(),
    })
    .prefault({}),
  /** Where a supervisor may ask; nobody listens when absent. */
  probe: z.strictObject({ host: loopback.default('127.0.0.1'), port: z.number().int().min(0).max(65_535) }).optional(),
  /** How often it shows a sign of life; after twice that without one it counts as dead. */
  heartbeatMs: z.number().int().min(100).max(60_000).default(2_000),
  /**
   * A lease that is not renewed for so long is free for others; a restart on the same journal takes its own back at once. So long
   * Provider and Inspector go on without the bus, guarding what is open.
   */
  leaseMs: z.number().int().min(500).max(120_000).default(60_000),
  /** Longest time for draining. */
  drainMs: z.number().int().min(100).max(600_000).default(15_000),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

/** As it is written. */
export type DaemonOptions = z.input<typeof daemonOptions>
export type ParsedDaemonOptions = z.output<typeof daemonOptions>
