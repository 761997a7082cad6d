import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Shutdown } from '../common/shutdown.js';
import { JobQueue } from '../queue/job-queue.js';
import { ObjectStorage } from '../storage/object-storage.js';

const LiveBody = z.object({ status: z.literal('ok').meta({ example: 'ok' }) });
const Check = z.enum(['ok', 'failing']).meta({ example: 'ok' });
const ReadyBody = z.object({
  status: z.enum(['ok', 'unavailable', 'stopping']).meta({ example: 'ok' }),
  checks: z.object({ database: Check, migrations: Check, storage: Check }),
});
type ReadyBody = z.output<typeof ReadyBody>;

@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: JobQueue,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
    private readonly shutdown: Shutdown,
  ) {}

  @Get('live')
  @ApiOperation({ operationId: 'health.live', summary: 'The process runs' })
  @ApiOkResponse({ standardSchema: LiveBody })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'health.ready',
    summary: 'Requests can be served',
    description: 'The database answers, migrations are current, images can be stored.',
  })
  @ApiOkResponse({ standardSchema: ReadyBody })
  @ApiResponse({ status: 503, description: 'Which check fails.', standardSchema: ReadyBody })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyBody> {
    const [database, migrations, storage] = await Promise.all([
      check(() => this.dataSource.query('SELECT 1')),
      check(async () => {
        if (await this.dataSource.showMigrations()) throw new Error('pending');
        if (!(await this.queue.isCurrent())) throw new Error('no queue');
      }),
      check(() => this.storage.check()),
    ]);
    const checks = { database, migrations, storage };
    const healthy = Object.values(checks).every((state) => state === 'ok');
    const stopping = this.shutdown.signal.aborted;
    void reply.code(healthy && !stopping ? 200 : 503);
    return { status: stopping ? 'stopping' : healthy ? 'ok' : 'unavailable', checks };
  }
}

async function check(work: () => Promise<unknown>): Promise<'ok' | 'failing'> {
  try {
    await work();
    return 'ok';
  } catch {
    return 'failing';
  }
}
