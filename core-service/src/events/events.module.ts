import { Module } from '@nestjs/common';
import { ChangeFeed } from './change-feed.js';
import { Outbox } from './outbox.js';

@Module({ providers: [ChangeFeed, Outbox], exports: [ChangeFeed, Outbox] })
export class EventsModule {}
