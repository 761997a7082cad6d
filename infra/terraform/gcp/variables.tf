variable "project" {
  description = "Google Cloud project"
  type        = string
}

variable "name" {
  description = "What everything here is called: one name for each environment with a cluster of its own"
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
  description = "Domain that is delegated to Google's name servers"
  type        = string
}

variable "highly_available" {
  description = "Whether the database has a second machine"
  type        = bool
  default     = false
}

variable "deletion_protection" {
  type    = bool
  default = true
}
