import { isPortFree } from '../postgres/free-port.js';
import { Plain, type Settings } from './settings.js';

/** @throws Plain naming each port that is taken and the variable that chooses another. */
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
      `Port ${port} is in use. Stop what listens there, or choose another with ${variable}=…`,
  );
  throw new Plain(
    `${lines.join('\n')}\nIf Stylizer is running already, that is it: nothing was started or changed.`,
  );
}
