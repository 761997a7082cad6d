import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import {
  assertKey,
  type ObjectSource,
  ObjectStorage,
  type StoredObject,
} from './object-storage.js';

const ATTEMPTS = 3;

/** Objects in a bucket of any S3-compatible server. A put to S3 is all or nothing. */
export class S3Storage extends ObjectStorage {
  private readonly client: S3Client;

  constructor(
    private readonly bucket: string,
    config: Pick<
      Config,
      | 'STORAGE_S3_REGION'
      | 'STORAGE_S3_ENDPOINT'
      | 'STORAGE_S3_ACCESS_KEY_ID'
      | 'STORAGE_S3_SECRET_ACCESS_KEY'
      | 'STORAGE_S3_FORCE_PATH_STYLE'
    >,
  ) {
    super();
    const { STORAGE_S3_ACCESS_KEY_ID: accessKeyId, STORAGE_S3_SECRET_ACCESS_KEY: secretAccessKey } =
      config;
    this.client = new S3Client({
      region: config.STORAGE_S3_REGION,
      endpoint: config.STORAGE_S3_ENDPOINT,
      forcePathStyle: config.STORAGE_S3_FORCE_PATH_STYLE,
      maxAttempts: ATTEMPTS,
      // Idle time only: a large image may take long.
      requestHandler: { connectionTimeout: 3_000, socketTimeout: 30_000 },
      ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
    });
  }

  async put(key: string, content: Buffer | ObjectSource, contentType: string): Promise<void> {
    assertKey(key);
    const object = { Bucket: this.bucket, Key: key, ContentType: contentType };
    await this.asking(
      Buffer.isBuffer(content)
        ? this.client.send(
            new PutObjectCommand({ ...object, Body: content, ContentLength: content.length }),
          )
        : this.putStream(object, content),
    );
  }

  /** The SDK does not retry streams. With a checksum it sends a plain body, which all servers accept. */
  private async putStream(
    object: { Bucket: string; Key: string; ContentType: string },
    { bytes, digest, open }: ObjectSource,
  ): Promise<void> {
    const ChecksumSHA256 = Buffer.from(digest, 'hex').toString('base64');
    for (let attempt = 1; ; attempt++) {
      // Nor does it notice when a stream ends early.
      const broken = new AbortController();
      const body = open().once('error', () => broken.abort());
      try {
        await this.client.send(
          new PutObjectCommand({ ...object, Body: body, ContentLength: bytes, ChecksumSHA256 }),
          { abortSignal: broken.signal },
        );
        return;
      } catch (error) {
        const refused = error instanceof S3ServiceException && error.$fault === 'client';
        if (refused || attempt === ATTEMPTS) throw error;
        await delay(100 * 2 ** attempt * (0.5 + Math.random()));
      } finally {
        body.destroy();
      }
    }
  }

  async get(key: string): Promise<StoredObject | undefined> {
    assertKey(key);
    try {
      const { Body, ContentLength } = await this.client.send(
        new GetObjectCommand({ Bucket: this.bucket, Key: key }),
      );
      return { stream: Body as Readable, bytes: ContentLength ?? 0 };
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw unavailable(error);
    }
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    await this.asking(this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key })));
  }

  async check(): Promise<void> {
    await this.asking(this.client.send(new HeadBucketCommand({ Bucket: this.bucket })));
  }

  private async asking(answer: Promise<unknown>): Promise<void> {
    try {
      await answer;
    } catch (error) {
      throw unavailable(error);
    }
  }
}

/** Answers of some S3-compatible servers when a quota or disk is full. */
const FULL = new Set(['XMinioStorageFull', 'QuotaExceeded', 'InsufficientStorage']);

function unavailable(error: unknown): DomainError {
  if (error instanceof S3ServiceException && FULL.has(error.name))
    return new DomainError('STORAGE_FULL', 'The storage is full.', {
      cause: error,
    });
  return new DomainError('STORAGE_UNAVAILABLE', 'Images cannot be stored or read at the moment.', {
    cause: error,
    retryAfterSeconds: 30,
  });
}
