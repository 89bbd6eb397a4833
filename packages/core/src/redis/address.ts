import type { ServiceName } from '../flow/7-service.js'
import type { Channel } from '../flow/channel.js'

/**
 * The names under which a channel is kept on the server: its own, or one for each writer where every service speaks for itself alone.
 * Redis gives rights on names only, so who must not speak for another needs a name of its own.
 */
export function addressesOf({ name, speakerOf, writtenBy }: Channel<never>): readonly string[] {
  return speakerOf === null ? [name] : writtenBy.map((writer) => addressOfWriter(name, writer))
}

/** The name under which one message is kept. */
export function addressOf({ name, speakerOf }: Channel<never>, payload: unknown): string {
  return speakerOf === null ? name : addressOfWriter(name, speakerOf(payload as never))
}

/** The name under which a service's own word is kept. */
export function addressOfWriter(channel: string, writer: ServiceName): string {
  return `${channel}@${writer}`
}
