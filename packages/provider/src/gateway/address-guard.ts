import { BarfinexError } from '@barfinex/core'

/** Names under which the gateway may be reached, and origins whose pages may talk to it. */
export interface AddressGuard {
  /** Throws `gateway.forbidden` for an unknown Host (DNS rebinding) and for a foreign or null Origin. */
  check(headers: Readonly<Record<string, string | readonly string[] | undefined>>): void
}

export interface AddressGuardOptions {
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  /** Further hosts and origins. */
  readonly hosts: readonly string[]
  readonly origins: readonly string[]
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

/** An address that stands for all of the machine's. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** `::1` as it stands in an address: `[::1]`. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Lists are exact: no patterns, no suffixes. */
export function createAddressGuard(options: AddressGuardOptions): AddressGuard {
  const { host, port, isSecure } = options
  const names = isLoopback(host) || isWildcard(host) ? [host, 'localhost', '127.0.0.1', '::1'] : [host]
  const scheme = isSecure ? 'https' : 'http'
  const usualPort = isSecure ? 443 : 80
  const hosts = new Set([...names.map((name) => `${bracketed(name)}:${port}`), ...options.hosts])
  if (port === usualPort) for (const name of names) hosts.add(bracketed(name))
  const origins = new Set([...[...hosts].map((name) => `${scheme}://${name}`), ...options.origins])

  return {
    check(headers) {
      const given = headers['host']
      if (typeof given !== 'string' || !hosts.has(given.toLowerCase())) {
        throw new BarfinexError(
          'gateway.forbidden',
          'This Host is not known here. Use the address the gateway printed, or name yours in `hosts`.',
        )
      }
      const { origin } = headers
      // Programs send none, and browsers none with a plain GET to the same origin.
      if (origin !== undefined && (typeof origin !== 'string' || !origins.has(origin.toLowerCase()))) {
        throw new BarfinexError(
          'gateway.forbidden',
          'Pages of this origin may not talk to the gateway. Name the origin in `origins` if they shall.',
        )
      }
      const site = headers['sec-fetch-site']
      if (origin === undefined && site !== undefined && site !== 'same-origin' && site !== 'none') {
        // A link from elsewhere may open a page; data asks for a credential, which a link cannot carry.
        if (headers['sec-fetch-mode'] !== 'navigate') {
          throw new BarfinexError('gateway.forbidden', 'The request comes from a page of another site.')
        }
      }
    },
  }
}
