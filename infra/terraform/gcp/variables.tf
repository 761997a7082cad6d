variable "project" {
  description = "Google Cloud project"
  type        = string
}

variable "name" {
  description = "Name of all resources: one for each environment with its own cluster"
  type        = string
  default     = "stylizer"
}

variable "zone" {
  type    = string
  default = "europe-west4-a"
}

variable "operators" {
  description = "Networks (CIDR) from which the Kubernetes API is reached"
  type        = list(string)
}

variable "domain" {
  description = "Domain to delegate to Google's name servers"
  type        = string
}

variable "highly_available" {
  description = "Whether the database has a standby in another zone"
  type        = bool
  default     = false
}

variable "deletion_protection" {
  type    = bool
  default = true
}
