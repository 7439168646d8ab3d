package example_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/registrarstest"
)

// careless is the plug-in with a wrong way to treat what it sends, or what cannot be read.
type careless struct {
	registrars.Registrar

	submit func(*registrars.Request)
	list   func(registrars.Pending, error) (registrars.Pending, error)
	find   func(registrars.Finding) registrars.Finding
}

func (c careless) PendingOperations(ctx context.Context) (registrars.Pending, error) {
	pending, err := c.Registrar.(registrars.PendingLister).PendingOperations(ctx)
	if c.list != nil {
		pending, err = c.list(pending, err)
	}
	return pending, err
}

func (c careless) Find(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	finding, err := c.Registrar.Find(ctx, request)
	if c.find != nil && err == nil {
		finding = c.find(finding)
	}
	return finding, err
}

func (c careless) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	if c.submit != nil {
		c.submit(&request)
	}
	return c.Registrar.Submit(ctx, request)
}

// plain is a World that garbles nothing.
type plain struct{ registrarstest.World }

// TestTheSuiteFindsCarelessReaders of lists.
func TestTheSuiteFindsCarelessReaders(t *testing.T) {
	for name, c := range map[string]struct {
		plugin careless
		want   string
	}{
		"the list fails": {careless{list: func(p registrars.Pending, err error) (registrars.Pending, error) {
			if len(p.Unreadable) > 0 {
				return registrars.Pending{}, errors.New("unusable")
			}
			return p, err
		}}, "one unreadable item makes the list unreadable: unusable"},
		"it ends at the item": {careless{list: func(p registrars.Pending, err error) (registrars.Pending, error) {
			if len(p.Unreadable) > 0 {
				p.Operations = p.Operations[:1]
			}
			return p, err
		}}, "beside an unreadable item, operation 3 is listed: false"},
		"the item is left out": {careless{list: func(p registrars.Pending, err error) (registrars.Pending, error) {
			p.Unreadable = nil
			return p, err
		}}, "one item is unreadable, and 0 are reported"},
		"the item is guessed": {careless{list: func(p registrars.Pending, err error) (registrars.Pending, error) {
			if len(p.Unreadable) > 0 {
				p.Operations = slices.Insert(p.Operations, 1, registrars.Operation{Reference: "7002"})
			}
			return p, err
		}}, "beside an unreadable item, operation 2 is listed: true"},
		"the item is quoted": {careless{list: func(p registrars.Pending, err error) (registrars.Pending, error) {
			for i := range p.Unreadable {
				p.Unreadable[i].Rule = "olga@holder.example is no number"
			}
			return p, err
		}}, "the report on an unreadable item holds a secret"},
		"it has a wrong reference": {careless{list: func(p registrars.Pending, err error) (registrars.Pending, error) {
			for i := range p.Unreadable {
				p.Unreadable[i].Reference = "1"
			}
			return p, err
		}}, `an unreadable item is reported as "1"`},
		"Find takes it for absent": {careless{find: func(f registrars.Finding) registrars.Finding {
			if f.State == registrars.Unclear {
				f.State = registrars.FoundNothing
			}
			return f
		}}, "the item of the request cannot be read, and Find says nothing"},
		"Find takes a finished one for absent": {careless{find: func(f registrars.Finding) registrars.Finding {
			if f.State == registrars.Unclear {
				f.State = registrars.FoundNothing
			}
			return f
		}}, "the item of the finished request cannot be read, and Find says nothing"},
	} {
		found := registrarstest.Findings(t, registrarstest.Subject{New: func(t testing.TB) (registrars.Registrar, registrarstest.World) {
			w := newWorld(t)
			c.plugin.Registrar = w.plugin
			return c.plugin, w
		}})
		if !strings.Contains(strings.Join(found, "\n"), c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
	found := registrarstest.Findings(t, registrarstest.Subject{New: func(t testing.TB) (registrars.Registrar, registrarstest.World) {
		w := newWorld(t)
		return w.plugin, plain{w}
	}})
	if !strings.Contains(strings.Join(found, "\n"), "its World does not garble an item") {
		t.Errorf("a list that nobody examines: %q", found)
	}
}
