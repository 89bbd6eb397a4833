import { BarfinexError, type Reason } from '@barfinex/core'
import { rebasedLogit } from '../calibration/expected-r.js'
import { sigmoid } from '../calibration/metrics.js'
import { type ConvictionModel, readConvictionModel } from './conviction-model.js'
import { type Familiarity, familiarityOf } from './familiarity.js'
import { type LoadRuntime, loadOnnxRuntime, type OnnxRuntime } from './onnx-runtime.js'

/** Who computed a conviction: ONNX Runtime, our own evaluator of the same file, or the table prior. */
export type ConvictionEngine = 'onnxruntime' | 'typescript' | 'prior'

/** What a conviction is asked for. */
export interface ConvictionRequest {
  readonly features: Float32Array
  /** Hash of the schema by which the features were made. */
  readonly schemaHash: string
  /**
   * Target distance over stop distance of the signal. The model's labels had one of their own: its answer is carried over
   * to this one. Left out, the answer holds for a trade with the barriers of the labels.
   */
  readonly rewardToRisk?: number
  /** Answer of the table for this strategy and regime: served when the model cannot be asked. */
  readonly prior: number
}

/** A raw conviction that the trade wins. Not a probability yet: calibration makes it one. */
export interface Conviction {
  /** In [ln(1/99), ln 99]. */
  readonly logit: number
  /** σ(logit), in [0.01, 0.99]. */
  readonly pRaw: number
  readonly engine: ConvictionEngine
  /** Hash of the model file; `null` when the prior answered. */
  readonly modelId: string | null
  /** How the features compare with training; `null` when they could not be judged. */
  readonly familiarity: Familiarity | null
  /** Everything that had to be done without; empty when all was well. */
  readonly reasons: readonly Reason[]
}

/** A model made ready to be asked. */
export interface ConvictionSession {
  readonly engine: ConvictionEngine
  readonly model: ConvictionModel | null
  /** What is missing since the session was opened; part of every conviction's reasons. */
  readonly reasons: readonly Reason[]
  /**
   * Asks the model. An effect: hand the promise to `clock.hold`, so that a virtual clock waits for it. Never rejects: a
   * failing engine gives way to the next one, and the conviction says so.
   */
  infer(request: ConvictionRequest): Promise<Conviction>
  /** Frees the runtime's memory. The session may not be asked afterwards. */
  close(): Promise<void>
}

/** What to open, and how. */
export interface ConvictionSessionOptions {
  /** The model file; `null` when there is none. */
  readonly modelBytes: Uint8Array | null
  /** SHA-256 the file must have; left out when any will do. */
  readonly expectedModelId?: string
  /** `onnxruntime` falls back to `typescript` and says so; `typescript` never loads native code. */
  readonly engine?: 'onnxruntime' | 'typescript'
  /** How the native runtime is found. */
  readonly loadRuntime?: LoadRuntime
}

const minConviction = 0.01
/** Beyond this, and below its reciprocal, the carrying over of an answer means nothing. */
const maxRewardToRisk = 10
const maxLogit = Math.log((1 - minConviction) / minConviction)

/**
 * Opens a model for asking. Never throws for a missing, foreign or damaged model: it then serves the table prior, and
 * every conviction carries the reason.
 *
 * @example
 * const session = await openConvictionSession({ modelBytes: defaultModel() })
 * const conviction = await clock.hold(session.infer({ features, schemaHash: featureSchemaHash(), prior: 0.4 }))
 */
export async function openConvictionSession({
  modelBytes,
  expectedModelId,
  engine = 'onnxruntime',
  loadRuntime = loadOnnxRuntime,
}: ConvictionSessionOptions): Promise<ConvictionSession> {
  const { model, reasons } = readModel(modelBytes, expectedModelId)
  if (model === null) return sessionOf(null, null, reasons)
  if (engine === 'typescript') return sessionOf(model, null, reasons)
  try {
    return sessionOf(model, await provenRuntime(model, loadRuntime), reasons)
  } catch (cause) {
    const missing = {
      code: 'advisor.model.runtime-missing',
      message: `onnxruntime-node cannot be used, so our own evaluator answers: ${messageOf(cause)}`,
    }
    return sessionOf(model, null, [...reasons, missing])
  }
}

/** Asks one question whose answer is known, which tells a runtime that loads from one that works. */
async function provenRuntime(model: ConvictionModel, loadRuntime: LoadRuntime): Promise<OnnxRuntime> {
  const runtime = await loadRuntime(model.bytes)
  const expected = model.evaluate(model.card.median)
  const answer = await runtime.logitOf(model.card.median)
  if (Math.abs(answer - expected) < 1e-4) return runtime
  await runtime.release()
  throw new BarfinexError('model.runtime-missing', `It answers ${answer} where ${expected} is right. Install it again.`)
}

function readModel(
  bytes: Uint8Array | null,
  expectedModelId: string | undefined,
): { readonly model: ConvictionModel | null; readonly reasons: readonly Reason[] } {
  if (bytes === null) {
    return without({ code: 'advisor.model.missing', message: 'There is no model file, so the table prior answers.' })
  }
  try {
    const model = readConvictionModel(bytes)
    if (expectedModelId === undefined || expectedModelId === model.modelId) return { model, reasons: [] }
    return without({
      code: 'advisor.model.hash-mismatch',
      message: 'The model file is not the one that was asked for, so the table prior answers.',
      limit: expectedModelId,
      observed: model.modelId,
    })
  } catch (error) {
    if (!BarfinexError.is(error, 'advisor.model-invalid')) throw error
    return without({ code: 'advisor.model.invalid', message: `${error.message} The table prior answers.` })
  }
}

const without = (reason: Reason) => ({ model: null, reasons: [reason] })

function sessionOf(
  model: ConvictionModel | null,
  runtime: OnnxRuntime | null,
  reasons: readonly Reason[],
): ConvictionSession {
  return {
    engine: model === null ? 'prior' : runtime === null ? 'typescript' : 'onnxruntime',
    model,
    reasons,
    infer: async (request) => {
      if (model === null) return priorConviction(request, reasons)
      const refusal = refusalOf(model, request)
      if (refusal !== null) return priorConviction(request, [...reasons, refusal])
      const familiarity = familiarityOf(model.card, request.features)
      const raised = [...reasons, ...familiarity.reasons]
      if (runtime !== null) {
        try {
          const logit = await runtime.logitOf(request.features)
          return modelConviction(model, logit, 'onnxruntime', familiarity, raised, request)
        } catch (cause) {
          raised.push({
            code: 'advisor.model.runtime-failed',
            message: `onnxruntime-node failed, so our own evaluator answers: ${messageOf(cause)}`,
          })
        }
      }
      return modelConviction(model, model.evaluate(request.features), 'typescript', familiarity, raised, request)
    },
    close: async () => runtime?.release(),
  }
}

/** Why the model must not be asked, or `null`. The runtime itself would answer NaN with a number. */
function refusalOf(model: ConvictionModel, { features, schemaHash }: ConvictionRequest): Reason | null {
  if (schemaHash !== model.card.schemaHash) {
    return {
      code: 'advisor.model.schema-mismatch',
      message:
        'The model was trained on other features than are computed here, so the table prior answers. Train it again.',
      limit: model.card.schemaHash,
      observed: schemaHash,
    }
  }
  if (features.length !== model.card.features.length) {
    return {
      code: 'advisor.model.wrong-length',
      message: `The model takes ${model.card.features.length} features; ${features.length} were given.`,
      limit: model.card.features.length,
      observed: features.length,
    }
  }
  const bad = features.findIndex((value) => !Number.isFinite(value))
  if (bad < 0) return null
  return {
    code: 'advisor.model.not-finite',
    message: `The feature "${model.card.features[bad]}" is not a finite number, so the table prior answers.`,
    observed: String(features[bad]),
  }
}

function modelConviction(
  model: ConvictionModel,
  rawLogit: number,
  engine: 'onnxruntime' | 'typescript',
  familiarity: Familiarity,
  reasons: readonly Reason[],
  request: ConvictionRequest,
): Conviction {
  const { stopAtr, targetAtr } = model.card.label
  const trained = targetAtr / stopAtr
  const wanted = Math.min(maxRewardToRisk, Math.max(1 / maxRewardToRisk, request.rewardToRisk ?? trained))
  const carried = rebasedLogit(rawLogit, trained, wanted)
  if (!Number.isFinite(carried)) {
    const overflow = {
      code: 'advisor.model.not-finite',
      message: 'The model answered no finite number, so the table prior answers.',
    }
    return priorConviction(request, [...reasons, overflow])
  }
  const logit = Math.min(maxLogit, Math.max(-maxLogit, carried))
  return { logit, pRaw: sigmoid(logit), engine, modelId: model.modelId, familiarity, reasons }
}

function priorConviction({ prior }: ConvictionRequest, reasons: readonly Reason[]): Conviction {
  const pRaw = Math.min(1 - minConviction, Math.max(minConviction, prior))
  return { logit: Math.log(pRaw / (1 - pRaw)), pRaw, engine: 'prior', modelId: null, familiarity: null, reasons }
}

function messageOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
