provider "google" {
  project = var.project
  zone    = var.zone
}

data "google_client_config" "this" {}

module "cluster" {
  source              = "../modules/cluster"
  name                = var.name
  zone                = var.zone
  operators           = var.operators
  deletion_protection = var.deletion_protection
}

module "database" {
  source              = "../modules/database"
  name                = var.name
  region              = module.cluster.region
  network             = module.cluster.network
  highly_available    = var.highly_available
  deletion_protection = var.deletion_protection
}

module "bucket" {
  source        = "../modules/bucket"
  name          = "${var.project}-${var.name}-pictures"
  location      = module.cluster.region
  force_destroy = !var.deletion_protection
}

module "dns" {
  source = "../modules/dns"
  name   = var.name
  domain = var.domain
  region = module.cluster.region
}

provider "helm" {
  kubernetes = {
    host                   = module.cluster.endpoint
    cluster_ca_certificate = module.cluster.ca_certificate
    token                  = data.google_client_config.this.access_token
  }
}

module "argocd" {
  source     = "../modules/argocd"
  depends_on = [module.cluster]
}
