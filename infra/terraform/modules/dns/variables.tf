variable "name" {
  description = "Name of the zone in Google Cloud"
  type        = string
}

variable "domain" {
  description = "Domain to delegate to this zone, such as stylizer.example.com"
  type        = string
  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "A domain without a trailing dot."
  }
}

variable "hosts" {
  description = "Subdomains that point to the cluster's load balancer"
  type        = set(string)
  default     = ["api"]
}

variable "region" {
  type = string
}
