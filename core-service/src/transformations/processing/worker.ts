import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { RecurringChores } from '../../common/recurring-chores.js';
import { JobQueue } from '../../queue/job-queue.js';
import { Tasks } from '../../queue/tasks.js';
import { DispatchWebhooks } from '../../webhooks/dispatch-webhooks.js';
import { ProcessTransformation } from './process-transformation.js';

/** Takes jobs, tasks and webhook deliveries, and runs every chore; in the api's process or a separate one. */
@Injectable()
export class Worker {
  constructor(
    private readonly queue: JobQueue,
    private readonly tasks: Tasks,
    private readonly processing: ProcessTransformation,
    private readonly webhooks: DispatchWebhooks,
    private readonly discovery: DiscoveryService,
  ) {}

  async start(): Promise<void> {
    await this.queue.work(this.processing);
    await this.tasks.work();
    this.webhooks.start();
    for (const { instance } of this.discovery.getProviders())
      if (instance instanceof RecurringChores) instance.start();
  }
}
