package domains_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"domainprovisioning/domains"
)

func TestAValueForEachRole(t *testing.T) {
	var letters domains.PerRole[string]
	for role, letter := range letters.All() {
		*letter = string(role[:1])
	}
	want := domains.PerRole[string]{Owner: "o", Admin: "a", Tech: "t", Billing: "b"}
	if letters != want {
		t.Errorf("got %+v", letters)
	}
	var order []domains.Role
	for role := range letters.All() {
		order = append(order, role)
		if *letters.Of(role) != string(role[:1]) {
			t.Errorf("%s has %q", role, *letters.Of(role))
		}
		if len(order) == 3 {
			break // and the iteration ends
		}
	}
	if !slices.Equal(order, domains.Roles()[:3]) {
		t.Errorf("in the order %v", order)
	}
	if letters.Of("reseller") != nil {
		t.Error("a fifth role has a value")
	}
}

func TestWhatARoleLacksIsLeftOut(t *testing.T) {
	zero := 0
	got, err := json.Marshal(domains.PerRole[*int]{Tech: &zero})
	if err != nil || string(got) != `{"tech":0}` {
		t.Errorf("got %s, %v", got, err)
	}
	var back domains.PerRole[int]
	if err := json.Unmarshal([]byte(`{"owner":7,"billing":0}`), &back); err != nil || back.Owner != 7 {
		t.Errorf("got %+v, %v", back, err)
	}
	all := map[domains.Role]int{}
	for role, value := range back.All() {
		all[role] = *value
	}
	if !maps.Equal(all, map[domains.Role]int{domains.Owner: 7, domains.Admin: 0, domains.Tech: 0, domains.Billing: 0}) {
		t.Errorf("got %v", all)
	}
}
