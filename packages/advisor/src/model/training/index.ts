export { type CandidateSignal, candidateSignals } from './candidate-signals.js'
export { type ForecastQuality, type Forecasts, forecastQuality } from './forecast-quality.js'
export { defaultLabelOptions, type Label, type LabelledSignal, type LabelOptions, labelSignal } from './label.js'
export { sampleWeights } from './sample-weights.js'
export { trainLogistic } from './train-logistic.js'
export { type TrainedModel, type TrainingReport, trainModel } from './train-model.js'
export { defaultTreeOptions, type TreeOptions, trainTrees } from './train-trees.js'
export {
  mergeTrainingSets,
  type PastSignal,
  rowsOf,
  type TrainingSeries,
  type TrainingSet,
  trainingSetOf,
} from './training-set.js'
export {
  defaultTrainingOptions,
  type FittedModel,
  fitModel,
  forecast,
  type ModelKind,
  type TrainingOptions,
  type ValidationReport,
  validate,
} from './validate.js'
export { splitOnce, walkForward } from './walk-forward.js'
