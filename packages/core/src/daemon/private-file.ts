import { lstatSync, readFileSync } from 'node:fs'
import { BarfinexError } from '../runtime/error.js'

/** Reads a secret from a plain file that nobody but its owner may read. Throws `config.not-found` and `config.invalid`. */
export function readPrivateFile(path: string, what: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new BarfinexError('config.not-found', `${what}: there is no file "${path}".`)
  if (!stat.isFile()) throw new BarfinexError('config.invalid', `${what}: "${path}" is not a plain file.`)
  if ((stat.mode & 0o077) !== 0) {
    throw new BarfinexError(
      'config.invalid',
      `${what}: "${path}" can be read by others. Run \`chmod 600\` on it; what others may have read should be replaced.`,
    )
  }
  return readFileSync(path, 'utf8')
}
