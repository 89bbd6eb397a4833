import { BarfinexError } from '@barfinex/core'

/** Where in a file something is wrong. Rows count data from 1; the header is not one. */
export interface TapePlace {
  readonly path: string
  readonly row?: number
}

/** `tape.invalid`: names the file, the row, what is wrong and what to do. */
export function tapeFault({ path, row }: TapePlace, wrong: string, advice: string): BarfinexError {
  const where = row === undefined ? `"${path}"` : `"${path}", row ${row}`
  return new BarfinexError('tape.invalid', `${where}: ${wrong}. ${advice}`, {
    details: row === undefined ? { path } : { path, row },
  })
}
