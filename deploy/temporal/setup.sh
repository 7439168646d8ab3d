#!/bin/sh
# Makes the namespace and the search attributes. It may be repeated.
set -eu
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"

have=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE")
attribute() {
  echo "$have" | grep -qw "$1" ||
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$1" --type "$2"
}
attribute DomainName Keyword
attribute TLD Keyword
attribute Registrar Keyword
attribute OrderNumber Keyword
attribute ProvisioningStep Int
attribute ProvisioningState Keyword
attribute ProvisioningReason Keyword
