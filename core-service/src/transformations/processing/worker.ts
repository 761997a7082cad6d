import { Injectable } from '@nestjs/common';
import { AuthHousekeeping } from '../../auth/auth-housekeeping.js';
import type { RecurringChores } from '../../common/recurring-chores.js';
import { JobQueue } from '../../queue/job-queue.js';
import { Tasks } from '../../queue/tasks.js';
import { StyleHousekeeping } from '../../styles/style-housekeeping.js';
import { Housekeeping } from './housekeeping.js';
import { ProcessTransformation } from './process-transformation.js';

/** Takes jobs from the queue and runs the housekeeping; in the api's process or a separate one. */
@Injectable()
export class Worker {
  private readonly others: RecurringChores[] = [];

  constructor(
    private readonly queue: JobQueue,
    private readonly tasks: Tasks,
    private readonly processing: ProcessTransformation,
    private readonly housekeeping: Housekeeping,
    private readonly styleHousekeeping: StyleHousekeeping,
    private readonly authHousekeeping: AuthHousekeeping,
  ) {}

  /** Chores of features that this one does not know. To be called before it starts, from a constructor. */
  add(chores: RecurringChores): void {
    this.others.push(chores);
  }

  async start(): Promise<void> {
    await this.queue.work(this.processing);
    await this.tasks.work();
    this.housekeeping.start();
    this.styleHousekeeping.start();
    this.authHousekeeping.start();
    for (const chores of this.others) chores.start();
  }
}
