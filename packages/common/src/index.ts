export { ConfigError, flag, loadConfig, port, wholeNumber } from './config.js';
export { type ImageFormat, sniffFormat } from './image-format.js';
export {
  blockOtherLoaders,
  decoding,
  type ImageFacts,
  type ImageLimits,
  ImageRejected,
  type ImageRejectionCode,
  inspectImage,
  MAX_DECODE_SECONDS,
  MAX_SIDE,
  MIN_SIDE,
  openImage,
  tooManyBytes,
} from './image-intake.js';
export { type MetricsServer, serveMetrics } from './metrics-server.js';
export { followSilentConnections } from './silent-connections.js';
export { outputSize, type Size, strokeSize } from './output-size.js';
export {
  MAX_BLENDED_STYLES,
  MAX_SIZE,
  STROKE_SCALE,
  type StylizeParams,
  stylizeParamsSchema,
  type StylizeRequest,
} from './stylize-params.js';
