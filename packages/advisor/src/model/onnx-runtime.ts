// Named in a constant, so that no bundler follows the import: it is native code, and optional.
const packageName: string = 'onnxruntime-node'

/** A model file loaded into a runtime. */
export interface OnnxRuntime {
  /** The output `logit` for one row. */
  logitOf(features: Float32Array): Promise<number>
  release(): Promise<void>
}

/** Loads a model file into a runtime; rejects when there is none for this machine. */
export type LoadRuntime = (bytes: Uint8Array) => Promise<OnnxRuntime>

/**
 * Loads `onnxruntime-node`, an optional dependency of 46 MB of native code, only when it is first asked for.
 *
 * One thread within and between operators: with more, the same row gives other last bits from run to run.
 */
export const loadOnnxRuntime: LoadRuntime = async (bytes) => {
  const { InferenceSession, Tensor } = (await import(packageName)) as typeof import('onnxruntime-node')
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  })
  return {
    logitOf: async (features) => {
      const output = await session.run({ x: new Tensor('float32', features, [1, features.length]) }, ['logit'])
      return Number(output['logit']?.data[0])
    },
    release: () => session.release(),
  }
}
