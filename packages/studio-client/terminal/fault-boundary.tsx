import { Component, type ReactNode } from 'react'

interface Props {
  readonly name: string
  readonly children: ReactNode
}

/** One panel that fails must not take the others with it. It says so, and can be tried again. */
export class FaultBoundary extends Component<Props, { readonly failure: string | null }> {
  override state = { failure: null }

  static getDerivedStateFromError(error: unknown) {
    return { failure: error instanceof Error ? error.message : String(error) }
  }

  override render() {
    const { name, children } = this.props
    const { failure } = this.state
    if (failure === null) return children
    return (
      <section className="panel" aria-label={name}>
        <header>
          <h2>{name}</h2>
        </header>
        <p className="awaited failure">This panel has failed: {failure}</p>
        <p className="awaited">
          <button type="button" onClick={() => this.setState({ failure: null })}>
            Try again
          </button>
        </p>
      </section>
    )
  }
}
