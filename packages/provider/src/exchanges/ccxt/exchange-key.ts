import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { BarfinexError, environmentOf } from '@barfinex/core'
import { z } from 'zod'

/** What opens an account. Kept out of options, logs and messages. */
export interface ExchangeKey {
  readonly key: string
  /** Shared secret (HMAC), or a private key in PEM form (Ed25519, RSA). */
  readonly secret: string
}

const text = z.string().trim().min(8).max(10_000)
const fileContent = z.strictObject({ key: text, secret: text })
const keyVariable = 'BARFINEX_EXCHANGE_KEY'
const secretVariable = 'BARFINEX_EXCHANGE_SECRET'

/**
 * Reads the key from the file, or without one from the environment. Throws `config.invalid` and `config.not-found`; nothing of a
 * file's content gets into the message.
 */
export function readExchangeKey(
  keyFile: string | undefined,
  variable: (name: string) => string | undefined = environmentOf,
): ExchangeKey {
  if (keyFile !== undefined) return readFile(keyFile)
  const key = variable(keyVariable)
  const secret = variable(secretVariable)
  if (key !== undefined && secret !== undefined && text.safeParse(key).success && text.safeParse(secret).success) {
    return { key: key.trim(), secret: secret.trim() }
  }
  throw new BarfinexError(
    'config.invalid',
    `The exchange needs a key. Set ${keyVariable} and ${secretVariable}, or give \`keyFile\` the path of a JSON file with key and secret that only you can read.`,
  )
}

function readFile(path: string): ExchangeKey {
  let content: unknown
  const file = open(path)
  try {
    // What is checked is what is read: the path is not looked up a second time.
    const stat = fstatSync(file)
    if (!stat.isFile()) throw invalid(path, 'is not a plain file. Put a file there.')
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      throw invalid(
        path,
        'can be read by others. Run `chmod 600` on it, and make a new key if others may have seen it.',
      )
    }
    content = parse(path, readFileSync(file, 'utf8'))
  } finally {
    closeSync(file)
  }
  const parsed = fileContent.safeParse(content)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.join('.') || 'its root'
  throw invalid(path, `has a fault at ${where}: it must hold \`key\` and \`secret\` as text, and nothing else.`)
}

function open(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new BarfinexError('config.not-found', `There is no key file "${path}".`)
    throw invalid(path, `cannot be opened (${code ?? 'unknown'}). It must be a plain file of yours, not a link.`)
  }
}

function parse(path: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    // The parser's message would quote the file.
    throw invalid(path, 'is not JSON. It must hold `key` and `secret`.')
  }
}

function invalid(path: string, fault: string): BarfinexError {
  return new BarfinexError('config.invalid', `The key file "${path}" ${fault}`)
}
