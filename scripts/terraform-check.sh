#!/bin/sh
# Only formatting and syntax: `terraform validate` needs providers from the registry.
set -eu
cd "$(dirname "$0")/../infra/terraform"
if ! command -v terraform >/dev/null; then
  if [ "${CI:-}" = true ]; then echo 'terraform is missing. CI requires it.' >&2; exit 1; fi
  echo 'SKIPPED: terraform is not installed (https://developer.hashicorp.com/terraform/install).'
  exit 0
fi
terraform fmt -check -diff -recursive
echo 'terraform fmt: nothing to fix'
