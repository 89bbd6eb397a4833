export { type AdviceCase, type AdviceStep, advise, type Moment } from './advise.js'
export { type CalibrationState, initialCalibration } from './calibration/calibration-state.js'
export { type CalibratedProbability, type Calibrator, calibratorOf } from './calibration/calibrator.js'
export { breakEvenProbability, expectedR } from './calibration/expected-r.js'
export { type CalibrationOutcome, learn } from './calibration/learn.js'
export { restoreCalibration, storeCalibration } from './calibration/stored-calibration.js'
export { type Gates, gatesSchema, type Profile, profiles } from './gates.js'
export { resolveApiKeys } from './llm/llm-options.js'
export type {
  Claim,
  Evidence,
  EvidenceUnit,
  News,
  NewsItem,
  NewsSource,
  Stance,
  Synthesis,
  Synthesiser,
  SynthesisMode,
  SynthesisRequest,
  SynthesisUsage,
} from './llm/synthesis.js'
export { type MarketSnapshot, takeSnapshot } from './market/market-snapshot.js'
export { MarketWatch } from './market/market-watch.js'
export { type ConvictionModel, readConvictionModel } from './model/conviction-model.js'
export { type Conviction, type ConvictionSession, openConvictionSession } from './model/conviction-session.js'
export { defaultModel } from './model/default-model.js'
export { type FeatureSchema, featureSchema, featureSchemaHash } from './model/feature-schema.js'
export { computeFeatures, type FeatureInput } from './model/features.js'
export type { Regime, RegimeReading } from './regime/regime.js'
export { createRegimeClassifier, type RegimeClassifier } from './regime/regime-classifier.js'
export { type AdvisorOptions, type AdvisorService, advisorOptions, createService } from './service.js'
