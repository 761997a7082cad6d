resource "google_storage_bucket" "this" {
  name                        = var.name
  location                    = var.location
  force_destroy               = var.force_destroy
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # Core deletes images after RETENTION_DAYS; soft delete allows a week to undo a mistake.
  soft_delete_policy {
    retention_duration_seconds = 604800
  }
}

resource "google_service_account" "core" {
  account_id   = substr("core-${var.name}", 0, 30)
  display_name = "Core's access to ${var.name}"
}

resource "google_storage_bucket_iam_member" "objects" {
  bucket = google_storage_bucket.this.name
  role   = "roles/storage.objectUser"
  member = google_service_account.core.member
}

# Core checks at startup that the bucket exists.
resource "google_storage_bucket_iam_member" "bucket" {
  bucket = google_storage_bucket.this.name
  role   = "roles/storage.legacyBucketReader"
  member = google_service_account.core.member
}

# Keys for Cloud Storage's S3-compatible API.
resource "google_storage_hmac_key" "core" {
  service_account_email = google_service_account.core.email
}
