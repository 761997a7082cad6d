variable "name" {
  description = "Name of the cluster and prefix of related names"
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,24}[a-z0-9]$", var.name))
    error_message = "Lower-case letters, digits and hyphens, 3 to 26 characters."
  }
}

variable "zone" {
  description = "Zone of the nodes; one, since GPUs are not in every zone"
  type        = string
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+-[a-z]$", var.zone))
    error_message = "A zone such as europe-west4-a."
  }
}

variable "operators" {
  description = "Networks (CIDR) from which the Kubernetes API is reached"
  type        = list(string)
  validation {
    condition     = length(var.operators) > 0 && alltrue([for cidr in var.operators : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "At least one network, and never the whole internet."
  }
}

variable "machine_type" {
  description = "Machine type of the nodes that run core and, without GPU, inference"
  type        = string
  default     = "n2-standard-4"
}

variable "max_nodes" {
  description = "Maximum number of nodes without GPU"
  type        = number
  default     = 4
  validation {
    condition     = var.max_nodes >= 1 && var.max_nodes <= 100
    error_message = "1 to 100."
  }
}

variable "gpu" {
  description = "Nodes with one GPU each, from 0 to `max_nodes` as needed; null: no such pool"
  type = object({
    machine_type = string
    accelerator  = string
    max_nodes    = number
    spot         = optional(bool, false)
  })
  default = {
    machine_type = "g2-standard-4"
    accelerator  = "nvidia-l4"
    max_nodes    = 2
  }
  validation {
    condition     = var.gpu == null ? true : var.gpu.max_nodes >= 1
    error_message = "max_nodes must be at least 1; for no GPU pool, set gpu to null."
  }
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to destroy the cluster"
  type        = bool
  default     = true
}
