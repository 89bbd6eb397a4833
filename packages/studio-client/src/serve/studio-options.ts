import { z } from 'zod'

const loopback = z
  .string()
  .regex(/^(localhost|::1|127(\.\d{1,3}){3})$/, 'must be a loopback address; use a tunnel from elsewhere')

/** Options of Studio as a service. */
export const studioOptions = z.strictObject({
  /** Address of Provider's gateway, as Provider prints it: everything but the pages themselves is asked there. */
  provider: z.url({ protocol: /^https?$/ }).refine((text) => new URL(text).pathname === '/', 'must be without a path'),
  host: loopback.default('127.0.0.1'),
  /** 0 takes any free one. */
  port: z.number().int().min(0).max(65_535).default(0),
  /** The built terminal; the one that ships with the package when absent. */
  terminalDirectory: z.string().min(1).optional(),
})

export type StudioServiceOptions = z.input<typeof studioOptions>
