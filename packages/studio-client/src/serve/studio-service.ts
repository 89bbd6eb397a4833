import {
  createLifeline,
  type LifePart,
  parseOptions,
  type RuntimeOptions,
  resolveRuntime,
  type Service,
} from '@barfinex/core'
import { terminalDirectory } from '../terminal-directory.js'
import { type StudioServiceOptions, studioOptions } from './studio-options.js'
import { openStudioServer, type StudioServer } from './studio-server.js'
import { readTerminal } from './terminal-pages.js'

export type StudioOptions = RuntimeOptions & StudioServiceOptions

/**
 * Studio as a service of its own: the terminal's pages, and a way to Provider's gateway behind one address. What is seen and what is
 * allowed stays the gateway's to say; when Studio is away, nothing of the desk is.
 */
export function createService(options: StudioOptions): Service {
  const { runtime, rest } = resolveRuntime(options)
  const own = parseOptions(studioOptions, rest, 'studio')
  const lifeline = createLifeline(runtime, 'studio')
  let server: StudioServer | null = null
  const part: LifePart = {
    role: 'studio',
    async prepare() {
      lifeline.set('starting', 'service.starting', 'Reading the terminal.')
      lifeline.beat()
      const pages = readTerminal(own.terminalDirectory ?? terminalDirectory())
      server = await openStudioServer({ host: own.host, port: own.port, provider: new URL(own.provider), pages })
    },
    async open() {
      lifeline.set('ready', 'service.ready', `Serving the terminal at ${server?.url}.`)
      runtime.log.info('studio', { url: server?.url, provider: own.provider })
    },
    async drain() {
      lifeline.set('draining', 'service.draining', 'No longer serving.')
      await server?.close()
      server = null
    },
    async close() {
      await server?.close()
      lifeline.set('stopped', 'service.stopped', 'Stopped.')
      lifeline.stop()
    },
  }
  return { name: 'studio', parts: [part], status$: lifeline.status$, status: lifeline.status }
}
