/** Lets the event loop go round once: sockets, timers and promises get their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
