variable "name" {
  description = "Globally unique name of the bucket"
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "Lower-case letters, digits and hyphens, 3 to 63 characters."
  }
}

variable "location" {
  type = string
}

variable "force_destroy" {
  description = "Whether destroying the bucket also deletes its images"
  type        = bool
  default     = false
}
