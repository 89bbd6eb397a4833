import type { StudioTopicName } from '@barfinex/core'

const maxFrames = 4_096
const maxChars = 16_777_216

/** A change frame as it went out. */
export interface LoggedFrame {
  readonly sequence: number
  readonly topic: StudioTopicName
  readonly text: string
}

/** The newest change frames, for viewers that come back: bounded by number and size. */
export class ChangeLog {
  private frames: LoggedFrame[] = []
  private head = 0
  private chars = 0

  add(frame: LoggedFrame): void {
    this.frames.push(frame)
    this.chars += frame.text.length
    while (this.frames.length - this.head > maxFrames || this.chars > maxChars) {
      this.chars -= (this.frames[this.head] as LoggedFrame).text.length
      this.head += 1
    }
    if (this.head > maxFrames) {
      this.frames = this.frames.slice(this.head)
      this.head = 0
    }
  }

  /** Every frame after `sequence` when the log still has all of them up to `current`, else `null`. */
  since(sequence: number, current: number): readonly LoggedFrame[] | null {
    if (sequence === current) return []
    if (sequence > current) return null
    const first = this.frames[this.head]
    if (first === undefined || first.sequence > sequence + 1) return null
    return this.frames.slice(this.head + sequence + 1 - first.sequence)
  }

  clear(): void {
    this.frames = []
    this.head = 0
    this.chars = 0
  }
}
