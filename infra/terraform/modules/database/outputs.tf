# The instance's certificate is self-signed and names no host: encrypted but not verified, in a private network.
output "url" {
  description = "DATABASE_URL of core"
  sensitive   = true
  value       = "postgres://${google_sql_user.stylizer.name}:${random_password.stylizer.result}@${google_sql_database_instance.this.private_ip_address}:5432/${google_sql_database.stylizer.name}?sslmode=no-verify"
}
