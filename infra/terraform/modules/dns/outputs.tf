output "name_servers" {
  description = "Name servers to enter at the domain's registrar"
  value       = google_dns_managed_zone.this.name_servers
}

output "address" {
  description = "loadBalancerIP of the ingress controller or gateway"
  value       = google_compute_address.entrance.address
}
