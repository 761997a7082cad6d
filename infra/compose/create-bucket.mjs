// Makes the bucket of the `s3` profile, by core's own settings. Run in the core image, which has the SDK.
import { setTimeout } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

const {
  STORAGE_S3_BUCKET: bucket,
  STORAGE_S3_ENDPOINT: endpoint,
  STORAGE_S3_REGION: region = 'us-east-1',
  STORAGE_S3_ACCESS_KEY_ID: accessKeyId,
  STORAGE_S3_SECRET_ACCESS_KEY: secretAccessKey,
} = process.env;

if (!accessKeyId || !secretAccessKey) {
  process.stderr.write(
    'STORAGE_S3_ACCESS_KEY_ID and STORAGE_S3_SECRET_ACCESS_KEY are missing in .env: ' +
      'openssl rand -hex 12, openssl rand -hex 24\n',
  );
  process.exit(1);
}

const client = new S3Client({
  region,
  endpoint,
  forcePathStyle: true,
  credentials: { accessKeyId, secretAccessKey },
});
const deadline = Date.now() + 60_000;
for (;;) {
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    process.stdout.write(`made the bucket ${bucket}\n`);
    break;
  } catch (error) {
    if (error.name === 'BucketAlreadyOwnedByYou' || error.name === 'BucketAlreadyExists') {
      process.stdout.write(`the bucket ${bucket} is there\n`);
      break;
    }
    // The server may still be starting; a refusal is final.
    if (error.$metadata?.httpStatusCode === 403 || Date.now() > deadline) throw error;
    await setTimeout(1_000);
  }
}
