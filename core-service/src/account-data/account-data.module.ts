import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { MailModule } from '../mail/mail.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { StylesModule } from '../styles/styles.module.js';
import { TransformationsModule } from '../transformations/transformations.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountHousekeeping } from './account-housekeeping.js';
import { DeletionController } from './deletion/deletion.controller.js';
import { DeletionService } from './deletion/deletion.service.js';
import { DeletionsRepository } from './deletion/deletions.repository.js';
import { EraseImages } from './deletion/erase-images.js';
import { IdentityCheck } from './deletion/identity-check.js';
import { ExportedRows } from './export/exported-rows.js';
import { ExportsController } from './export/exports.controller.js';
import { ExportsRepository } from './export/exports.repository.js';
import { ExportsService } from './export/exports.service.js';
import { MakeExport } from './export/make-export.js';

/** What the law gives a person: everything that is stored about them, and its end. */
@Module({
  imports: [
    AuthModule,
    MailModule,
    QueueModule,
    SignInModule,
    StorageModule,
    StylesModule,
    TransformationsModule,
    UsersModule,
  ],
  controllers: [ExportsController, DeletionController],
  providers: [
    AccountHousekeeping,
    DeletionService,
    DeletionsRepository,
    EraseImages,
    ExportedRows,
    ExportsRepository,
    ExportsService,
    IdentityCheck,
    MakeExport,
  ],
})
export class AccountDataModule {}
