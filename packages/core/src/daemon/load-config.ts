import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { BarfinexError } from '../runtime/error.js'
import { readDescription } from './read-description.js'

/**
 * Reads a configuration: `*.ts`, `*.mts`, `*.js` and `*.mjs` are programs that export it as their default, `*.json` holds it. Throws
 * `config.not-found` and `config.invalid`.
 */
export async function loadConfig(file: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(file)
  if (!existsSync(path)) {
    throw new BarfinexError(
      'config.not-found',
      `There is no configuration "${file}". Give the path of one as --config.`,
    )
  }
  const content = await readDescription(path, 'config.invalid')
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return content as Readonly<Record<string, unknown>>
  }
  throw new BarfinexError(
    'config.invalid',
    `${file} holds no configuration. A program has to export it as its default.`,
  )
}
