import { Module } from '@nestjs/common';
import { QueueModule } from '../queue/queue.module.js';
import { Mail } from './mail.js';

@Module({ imports: [QueueModule], providers: [Mail], exports: [Mail] })
export class MailModule {}
