variable "chart_version" {
  description = "Version of the chart argo-cd (https://argoproj.github.io/argo-helm)"
  type        = string
  default     = "8.3.0"
  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.chart_version))
    error_message = "One version, such as 8.3.0."
  }
}
