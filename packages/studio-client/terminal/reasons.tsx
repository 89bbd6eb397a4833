import type { Reason } from '@barfinex/core/browser'
import { measure } from './format.js'

/** Every reason, with code, limit and what was observed. */
export function Reasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  if (reasons.length === 0) return null
  return (
    <ul className="reasons">
      {reasons.map((reason) => (
        <li key={`${reason.code} ${reason.message}`}>
          <code>{reason.code}</code>
          <span>{reason.message}</span>
          {reason.limit === undefined && reason.observed === undefined ? null : (
            <span className="against">
              {reason.observed === undefined ? null : (
                <>
                  observed <b>{measure(reason.observed)}</b>
                </>
              )}
              {reason.limit === undefined ? null : (
                <>
                  {' '}
                  limit <b>{measure(reason.limit)}</b>
                </>
              )}
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
