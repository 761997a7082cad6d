// ONNX Runtime sends telemetry unless this is set before it is loaded (microsoft/onnxruntime, PR 27379).
process.env.ORT_DISABLE_TELEMETRY ??= '1';
