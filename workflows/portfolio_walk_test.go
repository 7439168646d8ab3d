package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/workflows"
)

// steps is a walk over three pages and two parts that notes what it is asked.
type steps struct {
	lists  bool
	partly bool
	broken int
	asked  []string
}

func (s *steps) Begin(context.Context) (activities.BeginWalkResult, error) {
	s.asked = append(s.asked, "begin")
	return activities.BeginWalkResult{Round: 7, Lists: s.lists, Parts: 2, Pause: 10 * time.Minute}, nil
}

func (s *steps) Page(_ context.Context, in activities.WalkPageInput) (activities.WalkPageResult, error) {
	s.asked = append(s.asked, "page "+in.From)
	next := map[string]string{"": "b", "b": "c"}[in.From]
	return activities.WalkPageResult{Next: next, Partly: s.partly, Unreadable: s.broken, WalkCounts: activities.WalkCounts{Domains: 10, Calls: 1}}, nil
}

func (s *steps) Missing(_ context.Context, in activities.WalkMissingInput) (activities.WalkCounts, error) {
	s.asked = append(s.asked, fmt.Sprint("missing ", in.Unreadable))
	return activities.WalkCounts{Fresh: 1}, nil
}

func (s *steps) Part(_ context.Context, in activities.WalkPartInput) (activities.WalkPartResult, error) {
	s.asked = append(s.asked, fmt.Sprintf("part again=%t listed=%t", in.Again, in.Listed))
	return activities.WalkPartResult{Empty: in.Again}, nil
}

func (s *steps) End(_ context.Context, in activities.EndWalkInput) error {
	s.asked = append(s.asked, fmt.Sprintf("end %d listed=%t", in.Round, in.Listed))
	return nil
}

// walkThrough runs a walk to its end, and returns how many runs it took, how long they lasted and
// what it has counted.
func walkThrough(t *testing.T, s *steps, long bool) (runs int, lasted time.Duration, counts activities.WalkCounts) {
	t.Helper()
	input := workflows.WalkInput{Registrar: "netim-main"}
	for {
		runs++
		var suite testsuite.WorkflowTestSuite
		suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
		env := suite.NewTestWorkflowEnvironment()
		env.SetContinueAsNewSuggested(long)
		env.RegisterWorkflow(workflows.PortfolioWalk)
		env.RegisterActivity(&activities.Walks{Walker: s})
		began := env.Now()
		env.ExecuteWorkflow(workflows.PortfolioWalk, input)
		lasted += env.Now().Sub(began)
		again, goesOn := errors.AsType[*workflow.ContinueAsNewError](env.GetWorkflowError())
		if goesOn {
			input = workflows.WalkInput{}
			if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &input); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := env.GetWorkflowError(); err != nil {
			t.Fatal(err)
		}
		if err := env.GetWorkflowResult(&counts); err != nil {
			t.Fatal(err)
		}
		return runs, lasted, counts
	}
}

// A walk goes through the list, what it lacks, what differs and what has its turn, and makes each
// step once, in however many runs.
func TestAWalkMakesEachStepOnce(t *testing.T) {
	const list = "begin, page , page b, page c, "
	for name, c := range map[string]struct {
		steps steps
		want  string
		runs  int // when each is found long
	}{
		"whole domains":   {steps{lists: true}, list + "missing 0, part again=true listed=true, part again=false listed=true, part again=false listed=true, end 7 listed=true", 4},
		"names and dates": {steps{lists: true, partly: true}, list + "missing 0, part again=true listed=false, part again=false listed=false, part again=false listed=false, end 7 listed=true", 4},
		"odd items":       {steps{lists: true, broken: 1}, list + "missing 3, part again=true listed=true, part again=false listed=true, part again=false listed=true, end 7 listed=false", 4},
		"no list":         {steps{}, "begin, part again=true listed=false, part again=false listed=false, part again=false listed=false, end 7 listed=false", 2},
	} {
		for _, long := range []bool{false, true} {
			s := c.steps
			runs, lasted, counts := walkThrough(t, &s, long)
			want := 1
			if long {
				want = c.runs
			}
			if got := strings.Join(s.asked, ", "); got != c.want || runs != want {
				t.Errorf("%s: in %d runs: %s", name, runs, got)
			}
			if !long && lasted < 10*time.Minute {
				t.Errorf("%s: there was no pause between two parts", name)
			}
			if c.steps.lists && (counts.Domains != 30 || counts.Calls != 3 || counts.Fresh != 1) {
				t.Errorf("%s: counted %+v", name, counts)
			}
		}
	}
}

// away is an account that answers only its first parts.
type away struct {
	*steps

	parts, answers int
	troubled       []int
}

func (a *away) Begin(context.Context) (activities.BeginWalkResult, error) {
	return activities.BeginWalkResult{Round: 7, Parts: a.parts, Pause: 10 * time.Minute}, nil
}

func (a *away) Part(_ context.Context, in activities.WalkPartInput) (activities.WalkPartResult, error) {
	a.troubled = append(a.troubled, in.Troubled)
	if a.answers--; a.answers >= 0 {
		return activities.WalkPartResult{Answered: true}, nil
	}
	return activities.WalkPartResult{Troubled: in.Troubled + 3}, nil
}

// Trouble passes, so a walk goes on for more than an hour of it; then it ends, and not as a good one.
func TestAWalkEndsWhenASystemIsAway(t *testing.T) {
	for name, c := range map[string]struct {
		parts, answers int
		tried          int
		good           bool
		least          time.Duration
	}{
		"from the beginning":               {40, 0, 8, false, 70 * time.Minute},
		"from the middle":                  {40, 45, 45 + 8, false, 2 * time.Hour},
		"at the end":                       {40, 75, 80, true, 6 * time.Hour},
		"an account of few domains":        {1, 0, 2, false, 0},
		"few, of which some were answered": {1, 1, 2, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := &away{steps: &steps{}, parts: c.parts, answers: c.answers}
			var suite testsuite.WorkflowTestSuite
			suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			env := suite.NewTestWorkflowEnvironment()
			env.RegisterWorkflow(workflows.PortfolioWalk)
			env.RegisterActivity(&activities.Walks{Walker: a})
			began := env.Now()
			env.ExecuteWorkflow(workflows.PortfolioWalk, workflows.WalkInput{Registrar: "netim-main"})
			err := env.GetWorkflowError()
			if good := err == nil; good != c.good || good != (strings.Join(a.asked, "") == "end 7 listed=false") {
				t.Errorf("it ends with %v after %v", err, a.asked)
			}
			if err != nil && !strings.Contains(err.Error(), "netim-main in a row could not be read") {
				t.Errorf("it says %v", err)
			}
			if lasted := env.Now().Sub(began); len(a.troubled) != c.tried || lasted < c.least {
				t.Errorf("%d parts in %s: %v", len(a.troubled), lasted, a.troubled)
			}
		})
	}
}
