import { closeSync, openSync, readSync } from 'node:fs'
import { BarfinexError } from '@barfinex/core'
import { Gunzip, Unzip, UnzipInflate } from 'fflate'
import { tapeFault } from './tape-fault.js'

const chunkBytes = 1 << 18

/**
 * A file's bytes in pieces, never the whole of it in memory: plain, `.gz`, or the one entry of a `.zip`.
 * `watch` sees the stored bytes as they are read, before anything is unpacked.
 */
export function* readChunks(path: string, watch?: (stored: Uint8Array) => void): Generator<Uint8Array> {
  const unpack = unpackerOf(path)
  const descriptor = open(path)
  try {
    for (;;) {
      const buffer = new Uint8Array(chunkBytes)
      const length = readSync(descriptor, buffer, 0, chunkBytes, null)
      const stored = buffer.subarray(0, length)
      if (length > 0) watch?.(stored)
      yield* unpack(stored, length === 0)
      if (length === 0) return
    }
  } finally {
    closeSync(descriptor)
  }
}

/** A text file's lines in pieces, without their ends; a last line without an end counts too. */
export function* readLines(path: string, watch?: (stored: Uint8Array) => void): Generator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for (const chunk of readChunks(path, watch)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() as string
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  if (rest !== '') yield rest
}

function open(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    const message = `There is no readable tape "${path}". Give the path of an existing file.`
    throw new BarfinexError('tape.not-found', message, { cause, details: { path } })
  }
}

type Unpack = (stored: Uint8Array, isLast: boolean) => readonly Uint8Array[]

function unpackerOf(path: string): Unpack {
  if (path.endsWith('.gz')) return guarded(path, gunzip())
  if (path.endsWith('.zip')) return guarded(path, unzip(path))
  return (stored) => [stored]
}

/** Damage in a packed file is a fault of the tape, whatever the unpacker calls it. */
function guarded(path: string, unpack: Unpack): Unpack {
  return (stored, isLast) => {
    try {
      return unpack(stored, isLast)
    } catch (cause) {
      if (BarfinexError.is(cause)) throw cause
      const wrong = `the packed data is damaged (${cause instanceof Error ? cause.message : String(cause)})`
      throw tapeFault({ path }, wrong, 'Fetch or record the file again.')
    }
  }
}

function gunzip(): Unpack {
  let pieces: Uint8Array[] = []
  const stream = new Gunzip((piece) => pieces.push(piece))
  return (stored, isLast) => {
    pieces = []
    stream.push(stored, isLast)
    return pieces
  }
}

function unzip(path: string): Unpack {
  let pieces: Uint8Array[] = []
  const names: string[] = []
  const stream = new Unzip((entry) => {
    if (entry.name.endsWith('/')) return
    names.push(entry.name)
    if (names.length > 1) {
      throw tapeFault(
        { path },
        `it holds ${names.join(' and ')}`,
        'Give each file a zip of its own, with its own sidecar.',
      )
    }
    entry.ondata = (error, piece) => {
      if (error !== null) throw error
      pieces.push(piece)
    }
    entry.start()
  })
  stream.register(UnzipInflate)
  return (stored, isLast) => {
    pieces = []
    stream.push(stored, isLast)
    if (isLast && names.length === 0) throw tapeFault({ path }, 'it holds no file', 'Pack the candles into it.')
    return pieces
  }
}
