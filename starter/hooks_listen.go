package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const (
	// listenFor is how long a terminal that has vanished is still told news, and listenEvery how
	// often it looks for some.
	listenFor   = time.Minute
	listenEvery = 500 * time.Millisecond
	// longestNews bounds the body of an event, in bytes.
	longestNews = 64 << 10
)

func (s *starter) listenCommand() *cobra.Command {
	wanted := store.NewHook{By: currentUser()}
	command := &cobra.Command{
		Use:   "listen",
		Short: "Print events at this terminal as they happen, until interrupted",
		Long: `Print events at this terminal as they happen, until interrupted. With --json each is one
line, in the form in which endpoints get it. Only what happens from now on is printed.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if len(wanted.Events) == 0 {
				wanted.Events = []string{"*"}
			}
			if err := desk.CheckEvents(wanted.Events); err != nil {
				return hookFault(err)
			}
			return s.onStore(c.Context(), func(opened *store.Store) error { return s.listen(c.Context(), opened, wanted) })
		},
	}
	eventFlag(command, &wanted.Events, "which events, such as order.done or order.* (default all)")
	command.Flags().StringVar(&wanted.Client, "client", "", "only orders of this client of the gateway; those of starter are "+store.LocalClient+"'s (default all)")
	return command
}

func (s *starter) listen(ctx context.Context, opened *store.Store, wanted store.NewHook) error {
	hook, _, err := opened.Listen(ctx, wanted, listenFor)
	if err != nil {
		return err
	}
	defer func() {
		leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = opened.RemoveHook(leaving, hook.ID) // else it ends by itself
	}()
	_, _ = fmt.Fprintf(s.errOut, "listening; interrupt to end\n")
	kept := time.Now()
	for ctx.Err() == nil {
		events, err := opened.ClaimNews(ctx, hook.ID, listenFor, 50)
		for _, event := range events {
			if err == nil {
				err = s.printNews([]byte(event.Body))
			}
			if err == nil {
				err = opened.Delivered(ctx, hook.ID, event.EventID, 0)
			}
		}
		if err == nil && time.Since(kept) > listenFor/3 {
			kept = time.Now()
			var going bool
			if going, err = opened.KeepListening(ctx, hook.ID, listenFor); err == nil && !going {
				err = errors.New("the terminal was away for too long; start it again")
			}
		}
		if err != nil {
			if ctx.Err() != nil {
				break
			}
			return err
		}
		if len(events) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(listenEvery):
		}
	}
	return nil // an interrupt is how it ends
}

// printNews prints an event: its document, or a line for people.
func (s *starter) printNews(body []byte) error {
	s.printed = true
	if s.json {
		_, err := fmt.Fprintln(s.out, string(body))
		return err
	}
	var news messages.News
	if err := json.Unmarshal(body, &news); err != nil {
		return errors.New("an event cannot be read")
	}
	line := news.Timestamp.Format(time.DateTime) + "  " + fmt.Sprintf("%-16s", news.Type)
	if data := news.Data; data.Order != "" {
		line += fmt.Sprintf("  %s  item %d  %s  %s at step %d", data.Order, data.Item, orDash(data.Domain), data.State, data.Step)
		if data.Reason != "" {
			line += "  " + data.Reason
		}
	}
	_, err := fmt.Fprintln(s.out, line)
	return err
}

func (s *starter) receiveCommand() *cobra.Command {
	var wanted desk.NewHook
	var client, address string
	command := &cobra.Command{
		Use:   "receive",
		Short: "Receive events by HTTP on this machine, verify and print them, until interrupted",
		Long: `Receive events by HTTP on this machine, as an order system would: it adds itself as an
endpoint, verifies the signature of each event, prints it, and removes the endpoint in the
end. hooks.private_hosts must name 127.0.0.1, and a worker or gateway must run on this machine.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return s.atHooks(c.Context(), func(d *desk.Desk) error { return s.receive(c.Context(), d, address, wanted, client) })
		},
	}
	command.Flags().StringVar(&address, "address", "127.0.0.1:0", "host:port to listen on; port 0 takes a free one")
	eventFlag(command, &wanted.Events, "which events, such as order.done or order.* (default all)")
	command.Flags().StringVar(&client, "client", "", "only orders of this client of the gateway; those of starter are "+store.LocalClient+"'s (default all)")
	return command
}

func (s *starter) receive(ctx context.Context, d *desk.Desk, address string, wanted desk.NewHook, client string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return usage("--address: %w", err)
	}
	defer func() { _ = listener.Close() }()
	wanted.URL = "http://" + listener.Addr().String() + "/"
	made, err := d.AddHook(ctx, wanted, client)
	if err != nil {
		return err
	}
	defer func() {
		leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = d.RemoveHook(leaving, made.ID) // else it is disabled after a week
	}()
	verifier, err := standardwebhooks.NewWebhook(made.Secret)
	if err != nil {
		return fmt.Errorf("the secret: %w", err)
	}
	server := &http.Server{Handler: s.receiver(verifier), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	_, _ = fmt.Fprintf(s.errOut, "receiving at %s; interrupt to end\n", wanted.URL)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("receive: %w", err)
	}
	return nil
}

// receiver takes what is signed and prints it.
func (s *starter) receiver(verifier *standardwebhooks.Webhook) http.Handler {
	printing := make(chan struct{}, 1) // one at a time
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestNews))
		if err != nil {
			http.Error(w, "too large, or broken off", http.StatusBadRequest)
			return
		}
		if err := verifier.Verify(body, r.Header); err != nil {
			_, _ = fmt.Fprintf(s.errOut, "refused: the signature is not valid\n")
			http.Error(w, "the signature is not valid", http.StatusUnauthorized)
			return
		}
		printing <- struct{}{}
		defer func() { <-printing }()
		if err := s.printNews(body); err != nil {
			http.Error(w, "not printed", http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}
