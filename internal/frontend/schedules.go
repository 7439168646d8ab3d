package frontend

import (
	"context"
	"maps"
	"slices"
	"sync"

	commonpb "go.temporal.io/api/common/v1"
	schedulepb "go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// schedules are the schedules of a Frontend. They never start anything.
type schedules struct {
	guard sync.Mutex
	by    map[string]*schedulepb.Schedule
	away  bool
	// runs are those that schedules have started and that go on, cancelled those that were cancelled,
	// and served the task queues that somebody polls.
	runs      map[string]string
	cancelled []string
	served    map[string]bool
}

// Runs says that a schedule has started a workflow that goes on.
func (s *schedules) Runs(id, workflowID string) {
	s.guard.Lock()
	defer s.guard.Unlock()
	s.runs = map[string]string{id: workflowID}
}

// Cancelled lists the workflows that were cancelled.
func (s *schedules) Cancelled() []string {
	s.guard.Lock()
	defer s.guard.Unlock()
	return slices.Clone(s.cancelled)
}

// Serve says whether somebody polls a task queue.
func (s *schedules) Serve(queue string, polled bool) {
	s.guard.Lock()
	defer s.guard.Unlock()
	s.served = map[string]bool{queue: polled}
}

// DescribeTaskQueue implements workflowservice.WorkflowServiceServer, as the methods below do.
func (s *schedules) DescribeTaskQueue(
	_ context.Context, request *workflowservice.DescribeTaskQueueRequest,
) (*workflowservice.DescribeTaskQueueResponse, error) {
	s.guard.Lock()
	defer s.guard.Unlock()
	response := &workflowservice.DescribeTaskQueueResponse{}
	if s.served[request.GetTaskQueue().GetName()] {
		response.Pollers = []*taskqueuepb.PollerInfo{{Identity: "another worker"}}
	}
	return response, nil
}

// RequestCancelWorkflowExecution returns an error for a workflow that no schedule has started.
func (s *schedules) RequestCancelWorkflowExecution(
	_ context.Context, request *workflowservice.RequestCancelWorkflowExecutionRequest,
) (*workflowservice.RequestCancelWorkflowExecutionResponse, error) {
	s.guard.Lock()
	defer s.guard.Unlock()
	id := request.GetWorkflowExecution().GetWorkflowId()
	for schedule, run := range s.runs {
		if run == id {
			delete(s.runs, schedule)
			s.cancelled = append(s.cancelled, id)
			return &workflowservice.RequestCancelWorkflowExecutionResponse{}, nil
		}
	}
	return nil, serviceerror.NewNotFound("workflow not found")
}

// Schedules lists the ids of the schedules.
func (s *schedules) Schedules() []string {
	s.guard.Lock()
	defer s.guard.Unlock()
	return slices.Sorted(maps.Keys(s.by))
}

// Schedule returns the schedule with this id, or nil.
func (s *schedules) Schedule(id string) *schedulepb.Schedule {
	s.guard.Lock()
	defer s.guard.Unlock()
	return s.by[id]
}

// Pause pauses a schedule, as a person does.
func (s *schedules) Pause(id string) {
	s.guard.Lock()
	defer s.guard.Unlock()
	s.by[id].State = &schedulepb.ScheduleState{Paused: true}
}

// Delete deletes a schedule, as a person does.
func (s *schedules) Delete(id string) {
	s.guard.Lock()
	defer s.guard.Unlock()
	delete(s.by, id)
}

// SchedulesAway makes every call about schedules fail, or work again.
func (s *schedules) SchedulesAway(away bool) {
	s.guard.Lock()
	defer s.guard.Unlock()
	s.away = away
}

func (s *schedules) find(id string) (*schedulepb.Schedule, error) {
	schedule, ok := s.by[id]
	switch {
	case s.away:
		return nil, serviceerror.NewInvalidArgument("schedules are switched off") // the client does not retry this error
	case !ok:
		return nil, serviceerror.NewNotFound("schedule not found")
	}
	return schedule, nil
}

// CreateSchedule implements workflowservice.WorkflowServiceServer, as the methods below do.
func (s *schedules) CreateSchedule(
	_ context.Context, request *workflowservice.CreateScheduleRequest,
) (*workflowservice.CreateScheduleResponse, error) {
	s.guard.Lock()
	defer s.guard.Unlock()
	if s.away {
		_, err := s.find("")
		return nil, err
	}
	if _, ok := s.by[request.GetScheduleId()]; ok {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("schedule is already running", "", "")
	}
	if s.by == nil {
		s.by = map[string]*schedulepb.Schedule{}
	}
	s.by[request.GetScheduleId()] = request.GetSchedule()
	return &workflowservice.CreateScheduleResponse{}, nil
}

// DescribeSchedule returns an error for a schedule that does not exist.
func (s *schedules) DescribeSchedule(
	_ context.Context, request *workflowservice.DescribeScheduleRequest,
) (*workflowservice.DescribeScheduleResponse, error) {
	s.guard.Lock()
	defer s.guard.Unlock()
	schedule, err := s.find(request.GetScheduleId())
	if err != nil {
		return nil, err
	}
	info := &schedulepb.ScheduleInfo{}
	if run, runs := s.runs[request.GetScheduleId()]; runs {
		info.RunningWorkflows = []*commonpb.WorkflowExecution{{WorkflowId: run, RunId: "run"}}
	}
	return &workflowservice.DescribeScheduleResponse{Schedule: schedule, Info: info}, nil
}

// UpdateSchedule replaces an existing schedule.
func (s *schedules) UpdateSchedule(
	_ context.Context, request *workflowservice.UpdateScheduleRequest,
) (*workflowservice.UpdateScheduleResponse, error) {
	s.guard.Lock()
	defer s.guard.Unlock()
	if _, err := s.find(request.GetScheduleId()); err != nil {
		return nil, err
	}
	s.by[request.GetScheduleId()] = request.GetSchedule()
	return &workflowservice.UpdateScheduleResponse{}, nil
}

// DeleteSchedule deletes an existing schedule.
func (s *schedules) DeleteSchedule(
	_ context.Context, request *workflowservice.DeleteScheduleRequest,
) (*workflowservice.DeleteScheduleResponse, error) {
	s.guard.Lock()
	defer s.guard.Unlock()
	if _, err := s.find(request.GetScheduleId()); err != nil {
		return nil, err
	}
	delete(s.by, request.GetScheduleId())
	return &workflowservice.DeleteScheduleResponse{}, nil
}
