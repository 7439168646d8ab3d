package config_test

import (
	"strings"
	"testing"
)

func TestBuildIDs(t *testing.T) {
	for id, want := range map[string]string{
		"": "", "v1.2.0": "", "v0.0.0-20260102030405-0123456789ab+dirty": "", strings.Repeat("x", 128): "",
		strings.Repeat("x", 129): "must be 1 to 128", "a:b": "must be 1 to 128", "a b": "must be 1 to 128", "é": "must be 1 to 128",
	} {
		_, err := read(t, example(t), "DP_WORKER_DEPLOYMENT=shop", "DP_WORKER_BUILD_ID="+id)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), "worker.build_id "+want) {
			t.Errorf("%q: %v", id, err)
		}
	}
}
