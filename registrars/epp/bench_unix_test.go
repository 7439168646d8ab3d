//go:build unix

package epp_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	"domainprovisioning/registrars/registrarstest"
	standin "domainprovisioning/sandbox/standin/epp"
)

// apart is set in the process that is the registry of the benchmark, so that its processor time
// is not the plug-in's.
const apart = "EPP_BENCHMARK_REGISTRY"

func TestMain(m *testing.M) {
	if os.Getenv(apart) == "" {
		os.Exit(m.Run())
	}
	server := standin.New(standin.Options{Login: worldLogin, Password: worldPassword, Balance: 1_000_000_00})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr(), base64.StdEncoding.EncodeToString(server.Certificates().CA))
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the benchmark
		_ = server.Close()
	}()
	if err := server.Serve(listener); err != nil {
		panic(err)
	}
}

// registryApart starts a registry in a process of its own.
func registryApart(b *testing.B) (address string, config *tls.Config) {
	b.Helper()
	command := exec.CommandContext(b.Context(), os.Args[0])
	command.Env = append(os.Environ(), apart+"=1")
	input, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = input.Close(); _ = command.Wait() })
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	address, encoded, _ := strings.Cut(strings.TrimSpace(line), " ")
	pem, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		b.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return address, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, ServerName: "localhost"}
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkRegistrations registers names through four sessions, and reports the processor time of
// this process for each command, with TLS and system calls, beside what encoding/xml alone takes to
// read the same frames.
func BenchmarkRegistrations(b *testing.B) {
	const workers = 4
	address, config := registryApart(b)
	settings := epp.DefaultSettings()
	settings.Sessions = workers
	plugin, err := epp.New(epp.Config{
		Address: address, TLS: config, Login: worldLogin, Password: domains.NewSecret(worldPassword), Settings: settings, Timeout: time.Minute, CallsPerSecond: 1e6,
	})
	if err != nil {
		b.Fatal(err)
	}
	names, ctx := make(chan int), b.Context()
	register := func(number int) error {
		request := registrarstest.Request(registrars.Registration, number, "registry")
		request.NameServers, request.NewAuthCode = request.NameServers[:2], domains.NewSecret(worldAuthCode)
		owner := request.Contacts[registrars.Owner]
		owner.Details.Address1 = fmt.Sprintf("%d Holderstreet", number) // a new contact each
		handle, err := plugin.CreateContact(ctx, owner)
		if err != nil {
			return err
		}
		for role, contact := range request.Contacts {
			contact.Handle = handle
			request.Contacts[role] = contact
		}
		if err := plugin.Check(ctx, request); err != nil {
			return err
		}
		_, err = plugin.Submit(ctx, request)
		return err
	}
	if err := register(0); err != nil {
		b.Fatal(err)
	}
	const commands = 3 // contact:create, domain:check, domain:create
	b.ResetTimer()
	before := processorTime(b)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for number := range names {
				if err := register(number); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for number := range b.N {
		names <- number + 1
	}
	close(names)
	group.Wait()
	used := processorTime(b) - before
	b.StopTimer()
	b.ReportMetric(float64(used.Microseconds())/float64(b.N*commands), "µs-cpu/command")
}

// BenchmarkEncodingXML reads the frames of a registration by encoding/xml, token by token: what
// any reader that is built on it costs at least.
func BenchmarkEncodingXML(b *testing.B) {
	var mu sync.Mutex
	var frames [][]byte
	w := newWorld(b, "registry", func(o *standin.Options, _ *epp.Config) {
		o.Frame = func(direction string, frame []byte) {
			mu.Lock()
			defer mu.Unlock()
			if direction == "response" {
				frames = append(frames, bytes.Clone(frame))
			}
		}
	})
	request := w.Request(registrars.Registration, 1)
	if err := w.plugin.Check(context.Background(), request); err != nil {
		b.Fatal(err)
	}
	if _, err := w.plugin.Submit(context.Background(), request); err != nil {
		b.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	b.ResetTimer()
	for range b.N {
		for _, frame := range frames {
			decoder := xml.NewDecoder(bytes.NewReader(frame))
			for {
				if _, err := decoder.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(frames)), "µs/frame")
}
