/** What is used of a WebSocket: the same in browsers, in Node and in the package `ws`. */
export interface Socket {
  readonly readyState: number
  send(data: string): void
  close(code?: number, reason?: string): void
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
  onerror: (() => void) | null
}

/** Opens a WebSocket with what this platform has: its own, else the package `ws`. */
export async function openSocket(url: string): Promise<Socket> {
  const own = (globalThis as { readonly WebSocket?: new (url: string) => unknown }).WebSocket
  const Class = own ?? (await import('ws')).WebSocket
  return new Class(url) as Socket
}
