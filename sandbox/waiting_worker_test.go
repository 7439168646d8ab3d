package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
)

// measured is a worker in a process of its own, which tells what it needs. It can be killed as
// a machine that fails kills it.
type measured struct{ *process }

// measuredVariable makes a process a measured worker.
const measuredVariable = "MEASURED_WORKER"

// workerOrder is the first line of its input. Configuration is the text of a file.
type workerOrder struct{ HostPort, Namespace, Configuration string }

func measuredWorker() bool { return os.Getenv(measuredVariable) != "" }

// The lines of input of a measured worker, each of which it answers with a line that begins
// with the same word.
const (
	heapLine = "heap" // bytes of heap and stacks in use after a collection
	usedLine = "used" // bytes allocated, and the most in use at a time, both since the last such line
)

func startMeasured(t testing.TB, f *fixture) measured {
	t.Helper()
	configuration, err := yaml.Marshal(f.Config)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(workerOrder{HostPort: server.HostPort(), Namespace: f.namespace, Configuration: string(configuration)})
	if err != nil {
		t.Fatal(err)
	}
	m := measured{startProcess(t, "measured worker", []string{measuredVariable + "=1"})}
	m.say(t, string(encoded))
	return m
}

// heap returns the memory that the worker needs at rest, in bytes.
func (m measured) heap(t testing.TB) (bytes float64) {
	t.Helper()
	m.ask(t, heapLine, &bytes)
	return bytes
}

// used returns what the worker has allocated since it was last asked, and the most that it had
// in use at a time, garbage included, in bytes.
func (m measured) used(t testing.TB) (allocated, peak float64) {
	t.Helper()
	m.ask(t, usedLine, &allocated, &peak)
	return allocated, peak
}

func (m measured) ask(t testing.TB, line string, into ...any) {
	t.Helper()
	m.say(t, line)
	if answer := m.hear(t, line); answer != "" {
		if _, err := fmt.Sscan(answer, into...); err != nil {
			t.Fatalf("%s: %q: %v", line, answer, err)
		}
	}
}

// runMeasuredWorker is the child process. It ends with its input.
func runMeasuredWorker() int {
	input := bufio.NewReader(os.Stdin)
	stop, err := startWorker(input)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer stop()
	peak := &atomic.Uint64{}
	go watchMemory(peak)
	var m runtime.MemStats
	allocated := uint64(0)
	for {
		line, err := input.ReadString('\n')
		if err != nil {
			return 0
		}
		switch strings.TrimSpace(line) {
		case heapLine:
			runtime.GC()
			runtime.GC()
			runtime.ReadMemStats(&m)
			fmt.Println(heapLine, m.HeapInuse+m.StackInuse)
		case usedLine:
			runtime.ReadMemStats(&m)
			fmt.Println(usedLine, m.TotalAlloc-allocated, peak.Swap(0))
			allocated = m.TotalAlloc
		}
	}
}

// startWorker starts the workers that the first line of input describes.
func startWorker(input *bufio.Reader) (stop func(), err error) {
	var order workerOrder
	line, err := input.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &order)
	}
	if err != nil {
		return nil, err
	}
	cfg, err := config.Read(strings.NewReader(order.Configuration), nil, assembly.Plugins())
	if err != nil {
		return nil, err
	}
	a, err := assembly.New(context.Background(), cfg, discardLog())
	if err != nil {
		return nil, err
	}
	c, err := dial(context.Background(), order.HostPort, order.Namespace, cfg.Histories, discardLog())
	if err != nil {
		return nil, err
	}
	workers := a.Workers(c, func(err error) { fmt.Fprintln(os.Stderr, err) })
	return workers.Stop, workers.Start()
}

// watchMemory keeps the most memory that is in use at a time.
func watchMemory(peak *atomic.Uint64) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"},
	}
	for range time.Tick(5 * time.Millisecond) {
		metrics.Read(samples)
		var used uint64
		for _, sample := range samples {
			used += sample.Value.Uint64()
		}
		for last := peak.Load(); used > last && !peak.CompareAndSwap(last, used); last = peak.Load() {
		}
	}
}
