terraform {
  required_version = ">= 1.9"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }

  # The state contains the database password and bucket keys: use a private bucket, never git.
  # terraform init -backend-config=bucket=…
  backend "gcs" {
    prefix = "stylizer"
  }
}
