package page_test

import (
	"net/http"
	"testing"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestADomainIsShownAndCommanded(t *testing.T) {
	o := begin(t)
	o.as("reader").sees("/desk/domains", "Nothing fits.")
	_, err := o.Store.Import(t.Context(), []store.NewDomain{{
		Name: "shop.example", Registrar: outside.Account, Sells: store.Sells{TLD: "example", Renewal: messages.RenewalByNobody},
	}})
	if err != nil {
		t.Fatal(err)
	}
	const path = "/desk/domains/shop.example"
	o.as("reader").sees("/desk/domains", path, "none", outside.Account)
	o.as("reader").sees("/desk/domains?text=sho&state=new", path)
	o.as("reader").sees("/desk/domains?attention=yes", "Nothing fits.")
	o.as("reader").sees(path, "no plan is known", "None: it was imported.").lacks(t, path+"/look")
	helper := o.as("helper")
	helper.sees(path, path+"/look", path+"/us").lacks(t, path+"/none", path+"/gone")
	if got := helper.post(path+"/look", "reason", " "); got.status != http.StatusConflict {
		t.Errorf("without a reason: %d", got.status)
	}
	if got := o.as("reader").post(path+"/us", "reason", "x"); got.status != http.StatusForbidden {
		t.Errorf("without the scope: %d", got.status)
	}
	if got := helper.post(path+"/us", "id", "C-1", "reason", "the customer wants to keep it"); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	commands := o.Temporal.Commands()
	if len(commands) != 1 || commands[0].WorkflowID != "domain-life/shop.example" || commands[0].UpdateID != "C-1" {
		t.Fatalf("%+v", commands)
	}
	change, ok := commands[0].Args[0].(messages.ChangeRenewal)
	if !ok || change.Mode != messages.RenewalByUs || change.Actor != "desk/helper" {
		t.Errorf("%+v", commands[0].Args)
	}
	err = o.Store.RecordLife(t.Context(), store.LifeChange{
		Name: "shop.example", Registrar: outside.Account, Round: 1, State: messages.LifeMissing, Since: o.clock.Now(), Renewal: messages.RenewalByNobody, Attention: messages.NotInAccount,
	})
	if err != nil {
		t.Fatal(err)
	}
	helper.sees("/desk/domains?attention=yes", path, "missing")
	helper.sees(path, path+"/gone", path+"/transferred-away")
	if got := helper.post(path+"/gone", "reason", "deleted by the registry"); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	if left, ok := o.Temporal.Commands()[1].Args[0].(messages.MarkLeft); !ok || left.State != messages.LifeGone {
		t.Errorf("%+v", o.Temporal.Commands()[1].Args)
	}
	for _, wrong := range []string{"/desk/domains/none.example", path + "/burn"} {
		if got := helper.post(wrong, "reason", "x"); got.status != http.StatusNotFound && got.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", wrong, got.status)
		}
	}
}
