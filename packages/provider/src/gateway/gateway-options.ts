import { z } from 'zod'

const hostName = z
  .string()
  .regex(
    /^[a-z0-9.-]{1,253}(:\d{1,5})?$|^\[[0-9a-f:]+\](:\d{1,5})?$/i,
    'must be a host name, with a port if it has one',
  )

/** Options of the gateway. Everything has a default but the file that holds the tokens. */
export const gatewayOptions = z.strictObject({
  /** Address to listen at. Anything but a loopback address needs `allowRemote` and `tls`. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port. */
  port: z.number().int().min(0).max(65_535).default(0),
  /** Says that the desk shall be reachable from other machines. */
  allowRemote: z.boolean().default(false),
  /** Certificate and key, as paths of PEM files. */
  tls: z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) }).optional(),
  /** Further names under which browsers reach the gateway (a reverse proxy's), as in the Host header. */
  hosts: z.array(hostName).default([]),
  /** Further origins whose pages may talk to it, such as `https://desk.example`. */
  origins: z
    .array(z.string().regex(/^https?:\/\/[^/?#\s]+$/, 'must be an origin such as "https://desk.example"'))
    .default([]),
  /** Where the tokens are kept: made at first start, readable by its owner alone, read again when it changes. */
  tokenFile: z.string().min(1),
  /** Built terminal to serve at `/`: a path or a `file:` URL. */
  terminalDirectory: z.string().min(1).optional(),
  /** A one-time ticket is void after so many milliseconds. */
  ticketMs: z.number().int().min(1_000).max(86_400_000).default(900_000),
  /** A session is void after so many milliseconds. */
  sessionMs: z.number().int().min(1_000).max(604_800_000).default(43_200_000),
  /** Shortest time between two frames of one topic: 100 ms is 10 a second. */
  flushMs: z.number().int().min(16).max(10_000).default(100),
  /** A viewer with more bytes waiting than this is closed; it comes back with its cursor. */
  viewerBufferBytes: z.number().int().min(16_384).default(8_388_608),
  /** Viewers at a time. */
  maxViewers: z.number().int().min(1).max(10_000).default(64),
})
export type GatewayOptions = z.input<typeof gatewayOptions>
export type ParsedGatewayOptions = z.output<typeof gatewayOptions>
