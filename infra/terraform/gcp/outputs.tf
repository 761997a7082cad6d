output "kubeconfig" {
  description = "Command that connects kubectl to the cluster"
  value       = "gcloud container clusters get-credentials ${module.cluster.name} --location ${module.cluster.location} --project ${var.project}"
}

output "name_servers" {
  value = module.dns.name_servers
}

output "address" {
  value = module.dns.address
}

output "storage" {
  value = module.bucket.settings
}

output "database_url" {
  value     = module.database.url
  sensitive = true
}

output "storage_access_key_id" {
  value     = module.bucket.access_key_id
  sensitive = true
}

output "storage_secret_access_key" {
  value     = module.bucket.secret_access_key
  sensitive = true
}
