/** The only source of chance. The same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Standard normal, by Box and Muller. */
  normal(): number
  /** Uniform integer in [0, below). */
  integer(below: number): number
  /** An independent stream named by `label`: what one part draws never shifts what another part draws. */
  fork(label: string): Random
}

/**
 * Makes a seeded generator (sfc32 by Chris Doty-Humphrey, public domain; passes PractRand), seeded by hashing with
 * FNV-1a and 20 warm-up rounds. Not for keys.
 *
 * @example
 * createRandom(7).next() === createRandom(7).next() // => true
 */
export function createRandom(seed: number | string): Random {
  const text = String(seed)
  let a = fnv1a(text, 0x811c9dc5)
  let b = fnv1a(text, 0x9e3779b9)
  let c = fnv1a(text, 0x85ebca6b)
  let counter = 1

  function next(): number {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4_294_967_296
  }
  for (let round = 0; round < 20; round += 1) next()

  return {
    next,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    integer: (below) => Math.floor(next() * below),
    fork: (label) => createRandom(`${text}/${label}`),
  }
}

function fnv1a(text: string, basis: number): number {
  let hash = basis | 0
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash
}
