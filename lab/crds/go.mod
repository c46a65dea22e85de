module lab/crds

go 1.26.0

// Only read: the CRDs that these modules carry.
require (
	github.com/openshift/api v0.0.0-20260320151444-324a1bcb9f55
	istio.io/api v1.31.1
	sigs.k8s.io/gateway-api v1.2.1
)
