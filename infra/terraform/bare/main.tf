# For an existing cluster, kind included: installs only Argo CD.
terraform {
  required_version = ">= 1.9"
  required_providers {
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.0"
    }
  }
}

variable "kubeconfig" {
  description = "File with the cluster's address and credentials"
  type        = string
  default     = "~/.kube/config"
}

variable "context" {
  description = "Context in that file, such as kind-stylizer; required so that no other cluster is changed by accident"
  type        = string
  validation {
    condition     = length(var.context) > 0
    error_message = "kubectl config get-contexts lists them."
  }
}

provider "helm" {
  kubernetes = {
    config_path    = pathexpand(var.kubeconfig)
    config_context = var.context
  }
}

module "argocd" {
  source = "../modules/argocd"
}
