import { BarfinexError, type Log } from '@barfinex/core'
import { keyScopeReply } from './reply-schemas.js'
import { RequestFault } from './request-fault.js'
import type { Rest } from './rest.js'

/**
 * Looks at what the key may do before anything is done with it. For real money a key that may withdraw, or whose rights cannot be
 * read, is refused; elsewhere it is a warning.
 */
export async function checkKeyScope(rest: Rest, isLive: boolean, log: Log): Promise<void> {
  const scope = await readScope(rest)
  if (scope instanceof BarfinexError) {
    if (isLive) throw scope
    log.warn('what the exchange key may do could not be read', { error: scope })
    return
  }
  if (scope.enableWithdrawals) {
    const message =
      'The exchange key may withdraw money. Make one that may read and trade only; live trading does not start with this one.'
    if (isLive) throw new BarfinexError('exchange.key-may-withdraw', message)
    log.warn(message)
  }
  if (!scope.enableSpotAndMarginTrading) {
    throw new BarfinexError('exchange.unauthorized', 'The exchange key may not trade. Allow spot trading for it.')
  }
  if (scope.enableInternalTransfer || scope.permitsUniversalTransfer) {
    log.warn('the exchange key may move money between accounts; trading does not need that')
  }
  if (!scope.ipRestrict) {
    log.warn('the exchange key works from every address; restrict it to the address of this machine')
  }
}

async function readScope(rest: Rest) {
  try {
    return await rest.call('keyScope', keyScopeReply, {}, 'urgent')
  } catch (error) {
    if (error instanceof RequestFault) return error.toError('The rights of the exchange key could not be read')
    throw error
  }
}
