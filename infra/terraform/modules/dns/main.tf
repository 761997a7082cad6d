resource "google_dns_managed_zone" "this" {
  name     = var.name
  dns_name = "${var.domain}."
  dnssec_config {
    state = "on"
  }
}

# Separate from the cluster, so that the load balancer's address outlives it.
resource "google_compute_address" "entrance" {
  name   = "${var.name}-entrance"
  region = var.region
}

resource "google_dns_record_set" "hosts" {
  for_each     = var.hosts
  managed_zone = google_dns_managed_zone.this.name
  name         = "${each.value}.${var.domain}."
  type         = "A"
  ttl          = 300
  rrdatas      = [google_compute_address.entrance.address]
}
