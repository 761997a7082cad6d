output "name_servers" {
  description = "What the domain's registrar has to be told"
  value       = google_dns_managed_zone.this.name_servers
}

output "address" {
  description = "loadBalancerIP of the ingress controller or gateway"
  value       = google_compute_address.entrance.address
}
