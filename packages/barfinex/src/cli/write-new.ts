import { writeFileSync } from 'node:fs'
import { BarfinexError } from '@barfinex/core'

/** Writes a file that must not be there: a secret that others know already stays as it is. */
export function writeNew(path: string, content: string, mode: number): void {
  try {
    writeFileSync(path, content, { flag: 'wx', mode })
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    const what = isThere ? 'is there already and stays as it is. Name another directory' : 'cannot be written'
    throw new BarfinexError('options.invalid', `"${path}" ${what}.`, { cause })
  }
}
