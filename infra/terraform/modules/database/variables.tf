variable "name" {
  description = "Name of the instance; Google reserves the name for a week after deletion"
  type        = string
}

variable "region" {
  type = string
}

variable "network" {
  description = "The only network that can reach the database"
  type        = string
}

variable "postgres_version" {
  type    = string
  default = "POSTGRES_17"
  validation {
    condition     = can(regex("^POSTGRES_(1[5-9]|[2-9][0-9])$", var.postgres_version))
    error_message = "PostgreSQL 15 or newer, such as POSTGRES_17."
  }
}

variable "tier" {
  description = "Machine type of the database"
  type        = string
  default     = "db-custom-2-7680"
}

variable "highly_available" {
  description = "Whether a standby in another zone takes over on failure"
  type        = bool
  default     = false
}

variable "max_connections" {
  description = "Each core process takes DATABASE_POOL_SIZE and 5 more"
  type        = number
  default     = 200
  validation {
    condition     = var.max_connections >= 50 && var.max_connections <= 5000
    error_message = "50 to 5000."
  }
}

variable "deletion_protection" {
  type    = bool
  default = true
}
