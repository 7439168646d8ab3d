package config_test

import (
	"strings"
	"testing"

	"domainprovisioning/config"
)

func TestAFileThatHoldsAValueIsReadUpToALimit(t *testing.T) {
	fits := holding(t, strings.Repeat("x", config.MaxValueFile))
	if content, err := config.ReadValueFile(fits); err != nil || len(content) != config.MaxValueFile {
		t.Errorf("%d bytes, %v", len(content), err)
	}
	long := holding(t, strings.Repeat("x", config.MaxValueFile+1))
	if _, err := config.ReadValueFile(long); err == nil || !strings.Contains(err.Error(), "longer than 1048576 bytes") {
		t.Errorf("got %v", err)
	}
	_, err := read(t, example(t), "DP_BILLING_PASSWORD_FILE="+long)
	if err == nil || !strings.Contains(err.Error(), "DP_BILLING_PASSWORD_FILE: "+long+" is longer than") || strings.Contains(err.Error(), "xxx") {
		t.Errorf("got %v", err)
	}
}
