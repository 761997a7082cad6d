import {
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type MetricsServer, serveMetrics } from '@stylizer/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Metrics } from './metrics.js';

@Injectable()
class MetricsEndpoint implements OnApplicationBootstrap, OnApplicationShutdown {
  private server?: MetricsServer;

  constructor(
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Pick<Config, 'HOST' | 'METRICS_PORT'>,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { HOST, METRICS_PORT } = this.config;
    this.server = await serveMetrics(this.metrics.registry, HOST, METRICS_PORT);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.server?.close();
  }
}

@Global()
@Module({ providers: [Metrics, MetricsEndpoint], exports: [Metrics] })
export class MetricsModule {}
