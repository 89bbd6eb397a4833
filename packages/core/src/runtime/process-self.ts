/** What a process must know of itself and of others to share files with them. */
export interface ProcessSelf {
  readonly id: number
  /** True when the process `id` that was there at `since` (milliseconds UTC) may still be running. */
  isAlive(id: number, since: number): boolean
}

export function processSelf(): ProcessSelf {
  return {
    id: process.pid,
    isAlive(id, since) {
      if (!Number.isInteger(id) || id <= 0) return false
      // In a container every start may have the same id: what is older than this process was another one. File times are
      // coarse, so a moment of doubt counts as alive.
      if (id === process.pid) return since >= performance.timeOrigin - 10
      try {
        process.kill(id, 0)
        return true
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'EPERM'
      }
    },
  }
}
