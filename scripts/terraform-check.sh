#!/bin/sh
# Formatting and syntax alone: `terraform validate` needs the providers, which come from the registry.
set -eu
cd "$(dirname "$0")/../infra/terraform"
if ! command -v terraform >/dev/null; then
  if [ "${CI:-}" = true ]; then echo 'terraform is missing, and CI must have it.' >&2; exit 1; fi
  echo 'SKIPPED: terraform is not installed (https://developer.hashicorp.com/terraform/install).'
  exit 0
fi
terraform fmt -check -diff -recursive
echo 'terraform fmt: nothing to fix'
