# A cluster that is there already, kind included: Argo CD and nothing else.
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
  description = "Context in that file, named so that no other cluster is met by chance: kind-stylizer, say"
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
