/** One way to get events from a process to another. Each end runs in a process of its own. */
export interface Wire {
  /** Says one wave of events with these numbers, and resolves when the writer may go on. */
  say(numbers: readonly number[]): Promise<void>
  /** Says one event and does not wait. */
  tell(number: number): void
  /** Calls `onNumber` for each event that has arrived and was read. Resolves when what is said from now on will come. */
  hear(onNumber: (number: number) => void): Promise<void>
  close(): Promise<void>
}

export type MakeWire = (url: string) => Promise<Wire>
