import { isPortFree } from '../postgres/free-port.js';
import { Plain, type Settings } from './settings.js';

/** @throws Plain naming each port in use and the variable that sets another. */
export async function requireFreePorts(settings: Settings): Promise<void> {
  const needed = [
    { port: settings.corePort, variable: 'PORT', host: settings.host },
    { port: settings.coreMetricsPort, variable: 'METRICS_PORT', host: settings.host },
    ...(settings.inferenceUrl
      ? []
      : [
          { port: settings.inferencePort, variable: 'INFERENCE_PORT', host: '127.0.0.1' },
          {
            port: settings.inferenceMetricsPort,
            variable: 'INFERENCE_METRICS_PORT',
            host: '127.0.0.1',
          },
        ]),
  ];
  const free = await Promise.all(needed.map(({ port, host }) => isPortFree(port, host)));
  const taken = needed.filter((_, index) => !free[index]);
  if (taken.length === 0) return;
  const lines = taken.map(
    ({ port, variable }) =>
      `Port ${port} is in use. Stop that program, or choose another port with ${variable}=…`,
  );
  throw new Plain(
    `${lines.join('\n')}\nStylizer may be running already. Nothing was started or changed.`,
  );
}
