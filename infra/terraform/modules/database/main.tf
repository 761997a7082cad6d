resource "google_compute_global_address" "private" {
  name          = "${var.name}-database"
  network       = var.network
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
}

resource "google_service_networking_connection" "private" {
  network                 = var.network
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.private.name]
}

resource "google_sql_database_instance" "this" {
  name                = var.name
  region              = var.region
  database_version    = var.postgres_version
  deletion_protection = var.deletion_protection
  depends_on          = [google_service_networking_connection.private]

  settings {
    edition           = "ENTERPRISE"
    tier              = var.tier
    availability_type = var.highly_available ? "REGIONAL" : "ZONAL"
    disk_autoresize   = true

    ip_configuration {
      ipv4_enabled    = false
      private_network = var.network
      ssl_mode        = "ENCRYPTED_ONLY"
    }
    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = 7
      backup_retention_settings {
        retained_backups = 14
      }
    }
    database_flags {
      name  = "max_connections"
      value = var.max_connections
    }
  }
}

resource "google_sql_database" "stylizer" {
  name     = "stylizer"
  instance = google_sql_database_instance.this.name
}

# Without special characters, since it is part of a URL. It is stored in the state: keep that private.
resource "random_password" "stylizer" {
  length  = 40
  special = false
}

resource "google_sql_user" "stylizer" {
  name     = "stylizer"
  instance = google_sql_database_instance.this.name
  password = random_password.stylizer.result
}
