/** How much faster than time it may lose what it is ahead, as a share: a second ahead is gone after ten. */
const slew = 0.1

/**
 * A machine's time of day that never goes back and never stands still. When the time of day jumps ahead (the machine slept, or was
 * corrected), so does it; when it is set back, time goes on at nine tenths of its pace until the two agree again. Timers that
 * wait for the time of day would otherwise stop for as long as it was set back.
 *
 * @param wall The time of day, milliseconds UTC.
 * @param monotonic Milliseconds from any start, never going back.
 */
export function createSteadyTime(wall: () => number, monotonic: () => number): () => number {
  let lastMonotonic = monotonic()
  let exact = wall()
  return () => {
    const at = monotonic()
    const passed = Math.max(0, at - lastMonotonic)
    lastMonotonic = at
    const shown = wall()
    const ahead = exact + passed - shown
    exact = ahead <= 0 ? shown : shown + Math.max(0, ahead - passed * slew)
    return Math.floor(exact)
  }
}
