output "settings" {
  description = "STORAGE_S3_* variables of core, without the keys"
  value = {
    STORAGE_DRIVER              = "s3"
    STORAGE_S3_BUCKET           = google_storage_bucket.this.name
    STORAGE_S3_REGION           = "auto"
    STORAGE_S3_ENDPOINT         = "https://storage.googleapis.com"
    STORAGE_S3_FORCE_PATH_STYLE = "true"
  }
}

output "access_key_id" {
  value     = google_storage_hmac_key.core.access_id
  sensitive = true
}

output "secret_access_key" {
  value     = google_storage_hmac_key.core.secret
  sensitive = true
}
