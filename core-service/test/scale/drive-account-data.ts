import type { Type } from '@nestjs/common';
import request from 'supertest';
import { AccountHousekeeping } from '../../src/account-data/account-housekeeping.js';
import { DeletionService } from '../../src/account-data/deletion/deletion.service.js';
import { DeletionsRepository } from '../../src/account-data/deletion/deletions.repository.js';
import { EXPORTED, ExportedRows } from '../../src/account-data/export/exported-rows.js';
import { ExportsRepository } from '../../src/account-data/export/exports.repository.js';
import { Transaction } from '../../src/database/transaction.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import type { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

export const ACCOUNT_DATA_REPOSITORIES: Type[] = [
  DeletionsRepository,
  ExportsRepository,
  ExportedRows,
];

/** @param heavyUser whose rows are exported too */
export async function accountData(app: TestApp, heavyUser: string): Promise<void> {
  const user = await registered(app);
  const { email, password } = user;
  await user.submit(await picture()).expect(201);
  await user.createStyle(await picture()).expect(201);
  const { body } = await user.post('/v1/me/export').expect(202);
  await until(
    () => user.get(`/v1/me/export/${body.id}`),
    (answer) => answer.body.status === 'ready',
  );
  const rows = app.app.get(ExportedRows);
  for (const list of [
    ...Object.values(EXPORTED).map((of) => rows.of(heavyUser, of)),
    rows.transformationImages(heavyUser),
    rows.styles(heavyUser),
  ])
    for await (const row of list) if (!row) throw new Error('no row');
  const exports = app.app.get(ExportsRepository);
  await exports.fail(body.id, { code: 'EXPORT_FAILED', detail: 'for the test' });

  await user.delete('/v1/me').send({ password }).expect(202);
  await request(app.url).post('/v1/auth/restore').send({ email, password }).expect(204);
  await request(app.url)
    .post('/v1/auth/restore')
    .send({ token: 'x'.repeat(43) })
    .expect(401);
  await app.app.get(AccountHousekeeping).run();

  const deletions = app.app.get(DeletionsRepository);
  const deletesAt = new Date();
  await app.app
    .get(Transaction)
    .run((manager) =>
      deletions.request(manager, { userId: user.id, restoreHash: Buffer.alloc(32), deletesAt }),
    );
  await app.app.get(DeletionService).carryOut(user.id);
}
