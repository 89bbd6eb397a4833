import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BarfinexError } from '@barfinex/core'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** Serves the built terminal at `/`. It holds nothing secret: what it shows comes later, for a credential. */
export async function serveTerminal(app: FastifyInstance, directory: string): Promise<void> {
  const root = directory.startsWith('file:') ? fileURLToPath(directory) : directory
  if (!existsSync(join(root, 'index.html'))) {
    throw new BarfinexError(
      'config.not-found',
      `There is no terminal in "${root}". Build it (\`npm run build\`), or leave \`terminalDirectory\` out.`,
    )
  }
  await app.register(fastifyStatic, {
    root,
    dotfiles: 'deny',
    cacheControl: false,
    setHeaders(reply, path) {
      // Names of assets carry their hash; the page that names them does not.
      reply.setHeader('cache-control', path.endsWith('.html') ? 'no-store' : 'public, max-age=31536000, immutable')
    },
  })
}
