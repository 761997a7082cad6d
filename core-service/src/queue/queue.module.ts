import { Module } from '@nestjs/common';
import { Boss } from './boss.js';
import { JobQueue } from './job-queue.js';
import { Tasks } from './tasks.js';

@Module({ providers: [Boss, JobQueue, Tasks], exports: [JobQueue, Tasks] })
export class QueueModule {}
