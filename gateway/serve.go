package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"domainprovisioning/registrars"
)

// Server serves a gateway on a listener. A time-out of zero means its default.
type Server struct {
	Gateway *Gateway
	// CertFile and KeyFile are PEM files. Without them the server speaks plain HTTP.
	CertFile, KeyFile string
	// Expires is told until when the certificate that is served can be used with its chain, whenever
	// their file is read. Nil: nobody is told.
	Expires func(at time.Time)
	// HeaderTimeout bounds reading a request's headers (default 5 s), BodyTimeout reading
	// the whole request (20 s), and IdleTimeout the wait for the next request (60 s).
	HeaderTimeout, BodyTimeout, IdleTimeout time.Duration
	// AnswerTimeout bounds writing an answer, counted from the end of the headers (60 s).
	AnswerTimeout time.Duration
	// StopTimeout bounds the wait for running requests at a stop (20 s).
	StopTimeout time.Duration
}

// maxHeaders is the maximum size of a request's headers, in bytes.
const maxHeaders = 16 << 10

func or(value, fallback time.Duration) time.Duration {
	if value == 0 {
		return fallback
	}
	return value
}

// Serve answers requests until the context ends. Then it accepts no more, lets running
// ones finish, and returns nil.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.Gateway,
		ReadHeaderTimeout: or(s.HeaderTimeout, 5*time.Second),
		ReadTimeout:       or(s.BodyTimeout, 20*time.Second),
		WriteTimeout:      or(s.AnswerTimeout, time.Minute),
		IdleTimeout:       or(s.IdleTimeout, time.Minute),
		MaxHeaderBytes:    maxHeaders,
		ErrorLog:          slog.NewLogLogger(s.Gateway.Log.Handler(), slog.LevelDebug),
		// Requests outlive the end of ctx, so that a stop lets them finish.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	if s.CertFile != "" {
		pair := &certificate{certFile: s.CertFile, keyFile: s.KeyFile, log: s.Gateway.Log, expires: s.Expires}
		if _, err := pair.get(nil); err != nil {
			return errors.Join(err, listener.Close())
		}
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get}
	}
	failed := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			failed <- server.ServeTLS(listener, "", "")
			return
		}
		failed <- server.Serve(listener)
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("gateway: %w", err)
	case <-ctx.Done():
	}
	s.Gateway.EndStreams()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), or(s.StopTimeout, 20*time.Second))
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		s.Gateway.Log.WarnContext(ctx, "requests were cut off at the stop", "error", err)
		return server.Close()
	}
	return nil
}

// certificate reads a pair of PEM files, and reads them again after a change, so that a
// renewed certificate needs no restart.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger
	expires           func(time.Time)

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed time.Time // modification time of the loaded files
	looked  time.Time
}

// certificateEvery is how often the files are checked for changes.
const certificateEvery = 30 * time.Second

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loaded != nil && time.Since(c.looked) < certificateEvery {
		return c.loaded, nil
	}
	c.looked = time.Now()
	changed, err := newest(c.certFile, c.keyFile)
	if err == nil && c.loaded != nil && changed.Equal(c.changed) {
		return c.loaded, nil
	}
	var pair tls.Certificate
	if err == nil {
		pair, err = tls.LoadX509KeyPair(c.certFile, c.keyFile)
	}
	switch {
	case err == nil:
		c.loaded, c.changed = &pair, changed
		if first := registrars.FirstToEnd(pair); c.expires != nil && first != nil {
			c.expires(first.NotAfter)
		}
	case c.loaded == nil:
		return nil, fmt.Errorf("gateway: tls_cert_file and tls_key_file: %w", err)
	default:
		// While new files are being written, the old pair stays in use.
		c.log.Warn("the TLS certificate could not be read again; the old one is served", "error", err)
	}
	return c.loaded, nil
}

func newest(files ...string) (time.Time, error) {
	var newest time.Time
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return newest, err
		}
		if info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest, nil
}
