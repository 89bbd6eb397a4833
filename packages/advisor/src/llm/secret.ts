const hidden = '[redacted]'

/** A text that is used and never shown: it survives neither logging nor JSON nor hashing. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself, for the one place that sends it. */
  reveal(): string {
    return this.#text
  }

  /** `text` without the secret, should it be in there. */
  scrub(text: string): string {
    return text.split(this.#text).join(hidden)
  }

  toJSON(): string {
    return hidden
  }

  toString(): string {
    return hidden
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return hidden
  }
}
