output "name" {
  value = google_container_cluster.this.name
}

output "location" {
  value = google_container_cluster.this.location
}

output "region" {
  value = local.region
}

output "network" {
  description = "Network in which the database gets its private address"
  value       = google_compute_network.this.id
}

output "endpoint" {
  value = "https://${google_container_cluster.this.endpoint}"
}

output "ca_certificate" {
  value = base64decode(google_container_cluster.this.master_auth[0].cluster_ca_certificate)
}
