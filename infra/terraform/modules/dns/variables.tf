variable "name" {
  description = "Name of the zone in Google Cloud"
  type        = string
}

variable "domain" {
  description = "Domain that is delegated to this zone, such as stylizer.example.com"
  type        = string
  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "A domain without a dot at its end."
  }
}

variable "hosts" {
  description = "Names below the domain that lead to the cluster's entrance"
  type        = set(string)
  default     = ["api"]
}

variable "region" {
  type = string
}
