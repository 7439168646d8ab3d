package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/gateway"
)

func (s *starter) callbackCommand() *cobra.Command {
	callback := &cobra.Command{
		Use:   "callback",
		Short: "Sign callbacks for the gateway, as a script or a mail gateway does",
	}
	callback.AddCommand(s.signCommand(), &cobra.Command{
		Use:   "secret",
		Short: "Generate a secret for registrars.NAME.callback_secret",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			secret := gateway.NewWebhookSecret()
			if s.json {
				return s.printJSON(generatedSecret{secret})
			}
			_, err := fmt.Fprintln(s.out, secret)
			return err
		},
	})
	return callback
}

// generatedSecret is a secret for registrars.NAME.callback_secret.
type generatedSecret struct {
	Secret string `json:"secret"`
}

// signedCallback is a callback that was not sent.
type signedCallback struct {
	URL     string            `json:"url"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// signing is the contents of a callback and its destination.
type signing struct {
	gateway, event, domain, reference, status string
	send                                      bool
}

func (s *starter) signCommand() *cobra.Command {
	var what signing
	sign := &cobra.Command{
		Use:   "sign ACCOUNT",
		Short: "Sign a callback of a registrar account and print it as a curl command, or send it",
		Long: `Sign a callback of a registrar account, with its callback_secret from the
configuration, by the Standard Webhooks specification. It is printed as a curl command
that is valid for five minutes, or sent with --send.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: s.completeAccounts,
		RunE:              func(c *cobra.Command, arguments []string) error { return s.sign(c.Context(), arguments[0], what) },
	}
	flags := sign.Flags()
	flags.StringVar(&what.gateway, "gateway", "", "address of the gateway (default that of the configuration)")
	flags.StringVar(&what.event, "event", "", "id of the event; the same id twice is one event (default a new one)")
	flags.StringVar(&what.domain, "domain", "", "the domain it is about; this or --reference is required")
	flags.StringVar(&what.reference, "reference", "", "the registrar's id of the operation")
	flags.StringVar(&what.status, "status", "done", "the claimed outcome")
	flags.BoolVar(&what.send, "send", false, "send it and print the answer")
	_ = sign.RegisterFlagCompletionFunc("status", cobra.FixedCompletions([]string{"done", "failed"}, cobra.ShellCompDirectiveNoFileComp))
	return sign
}

func (s *starter) sign(ctx context.Context, account string, what signing) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	configured, ok := cfg.Registrars[account]
	switch {
	case !ok:
		return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("there is no registrar account %q; there are: %s", account, strings.Join(slices.Sorted(maps.Keys(cfg.Registrars)), ", ")))
	case configured.CallbackSecret == "":
		return assembly.Exit(assembly.ExitRefused, fmt.Errorf("registrars.%s.callback_secret is missing; `starter callback secret` generates one", account))
	case what.domain == "" && what.reference == "":
		return usage("--domain or --reference is required")
	}
	webhook, err := assembly.Webhook(string(configured.CallbackSecret))
	if err != nil {
		return assembly.Exit(assembly.ExitRefused, fmt.Errorf("registrars.%s.callback_secret %w", account, err))
	}
	if what.event == "" {
		what.event = "msg_" + rand.Text()
	}
	if what.gateway == "" {
		scheme := "http://"
		if cfg.Gateway.TLSCertFile != "" {
			scheme = "https://"
		}
		what.gateway = scheme + cfg.Gateway.Address
	}
	now := time.Now()
	event := gateway.WebhookEvent{Type: gateway.EventType, Timestamp: now.UTC().Truncate(time.Second)}
	event.Data.Domain, event.Data.Reference, event.Data.Status = what.domain, what.reference, what.status
	body, err := json.Marshal(event)
	if err != nil {
		return err
	}
	header := webhook.Sign(what.event, now, body)
	address := strings.TrimRight(what.gateway, "/") + "/v1/registrars/" + url.PathEscape(account) + "/callbacks"
	if what.send {
		return s.exchange(ctx, http.MethodPost, address, header, body)
	}
	if s.json {
		signed := signedCallback{URL: address, Method: http.MethodPost, Headers: map[string]string{}, Body: string(body)}
		for name := range header {
			signed.Headers[strings.ToLower(name)] = header.Get(name)
		}
		return s.printJSON(signed)
	}
	lines := []string{"curl " + quoted(address)}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		lines = append(lines, "-H "+quoted(strings.ToLower(name)+": "+header.Get(name)))
	}
	lines = append(lines, "--data-raw "+quoted(string(body)))
	_, err = fmt.Fprintln(s.out, strings.Join(lines, " \\\n  "))
	return err
}

// quoted quotes a word for the shell.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// sendTimeout bounds a request to a gateway; maxAnswer bounds how many bytes of the
// answer are read.
const (
	sendTimeout = 30 * time.Second
	maxAnswer   = 64 << 10
)

// exchange makes a request to a gateway and prints the answer. Any status but 200 is an
// error.
func (s *starter) exchange(ctx context.Context, method, address string, header http.Header, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return assembly.Exit(assembly.ExitUsage, err)
	}
	request.Header = header
	answer, err := (&http.Client{Timeout: sendTimeout}).Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return assembly.Exit(assembly.ExitOfStatus(answer.StatusCode), fmt.Errorf("the gateway answers %s: %s", answer.Status, strings.TrimSpace(string(text))))
	}
	s.printed = true // a gateway answers with JSON
	_, err = s.out.Write(text)
	return err
}
