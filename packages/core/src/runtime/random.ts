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
  return new Sfc32(String(seed))
}

// A class, not closures: generators of market data fork a stream per minute.
class Sfc32 implements Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(private readonly seed: string) {
    this.a = fnv1a(seed, 0x811c9dc5)
    this.b = fnv1a(seed, 0x9e3779b9)
    this.c = fnv1a(seed, 0x85ebca6b)
    for (let round = 0; round < 20; round += 1) this.next()
  }

  next(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0
    return (t >>> 0) / 4_294_967_296
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
  }

  integer(below: number): number {
    return Math.floor(this.next() * below)
  }

  fork(label: string): Random {
    return new Sfc32(`${this.seed}/${label}`)
  }
}

function fnv1a(text: string, basis: number): number {
  let hash = basis | 0
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash
}
