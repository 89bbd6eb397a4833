import { decimal } from '@barfinex/core'
import { allowed, type Rule, refused } from './rule.js'

const code = 'inspector.rule.account-unknown'

/** Nothing is opened on the strength of an account that is not known, contradicted or worth nothing. */
export const accountKnown: Rule = {
  code,
  judges: 'situation',
  check({ account, accountId }) {
    if (account === null) return refused(code, 'No account state has arrived from the ledger yet.', true, null)
    if (!account.known) {
      const why = account.reason?.message ?? 'the ledger gives no reason'
      return refused(code, `The ledger does not know account ${accountId}: ${why}`.slice(0, 400), true, false)
    }
    if (!decimal(account.equityQuote).isPositive) {
      return refused(code, `The equity is ${account.equityQuote} ${account.quoteAsset}.`, '0', account.equityQuote)
    }
    return allowed
  },
}
