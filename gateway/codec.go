package gateway

import (
	"context"
	"errors"
	"net/http"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"domainprovisioning/gateway/page"
	"domainprovisioning/store"
)

// Codec is what Temporal's Web UI and command line need to show sealed histories to those who may
// operate. Neither bodies nor payloads are logged.
type Codec struct {
	Payloads converter.PayloadCodec
	// Namespace is the one that payloads are of. A request that names another in X-Namespace is
	// refused.
	Namespace string
	// Origin is that of the Web UI, such as https://temporal.example; "" for none. Only its pages may
	// ask by the session of the desk page.
	Origin string
}

const (
	// maxCodec is the size of a request, in bytes: a payload of 2 MB, the most that Temporal keeps,
	// in base64, and room for more.
	maxCodec = 6 << 20
	// mostDecoded bounds the payloads of an answer, in bytes, because sealed ones are compressed.
	mostDecoded = 32 << 20
	// codecHurry is how many times the requests of the API a key may make here: the Web UI asks for
	// each event of a history by itself.
	codecHurry = 10
)

// handleCodec serves Temporal's protocol of codec servers. It is no part of the API and of its
// description.
func (g *Gateway) handleCodec(desk *page.Page) {
	if g.Codec.Payloads == nil {
		return
	}
	keys := newKeys(g.Desk.Store, g.RequestsPerSecond*codecHurry, g.Burst*codecHurry)
	for path, does := range map[string]func([]*commonpb.Payload) ([]*commonpb.Payload, error){
		"/codec/decode": g.Codec.Payloads.Decode, "/codec/encode": g.Codec.Payloads.Encode,
	} {
		g.mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), g.RequestTimeout)
			defer cancel()
			r = r.WithContext(ctx)
			g.allowOrigin(w, r)
			err := g.mayDecode(r, keys, desk)
			if err == nil {
				err = g.serveCodec(w, r, does)
			}
			if err != nil {
				g.problem(w, r, err)
			}
		})
		g.mux.HandleFunc("OPTIONS "+path, func(w http.ResponseWriter, r *http.Request) {
			if g.allowOrigin(w, r) {
				w.Header().Set("Access-Control-Allow-Methods", http.MethodPost)
				w.Header().Set("Access-Control-Allow-Headers", "Content-Type, X-Namespace, Authorization")
				w.Header().Set("Access-Control-Max-Age", "600")
			}
			w.WriteHeader(http.StatusNoContent)
		})
	}
}

// allowOrigin lets pages of the Web UI read the answer, errors too.
func (g *Gateway) allowOrigin(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Add("Vary", "Origin")
	if g.Codec.Origin == "" || r.Header.Get("Origin") != g.Codec.Origin {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", g.Codec.Origin)
	w.Header().Set("Access-Control-Allow-Credentials", "true")
	return true
}

// mayDecode checks who asks: an API key, or else the session of the desk page, which a browser sends
// by itself and which therefore counts for the pages of the Web UI alone.
func (g *Gateway) mayDecode(r *http.Request, keys *keys, desk *page.Page) error {
	if _, byKey := bearer(r); byKey {
		key, err := keys.bearer(r.Context(), r, store.ScopeOperate, store.ScopeAll)
		if err == nil {
			withKey(r.Context(), key)
		}
		return err
	}
	name, may, err := desk.Asks(r, store.ScopeOperate)
	switch {
	case errors.Is(err, store.ErrNotLoggedIn):
		p := newProblem(http.StatusUnauthorized, "no-key", "Log in to the desk page, or send an API key", "the session of the desk page at this address, or Authorization: Bearer KEY")
		p.challenge = `Bearer realm="domainprovisioning"`
		return p
	case err != nil:
		return err
	case g.Codec.Origin == "" || r.Header.Get("Origin") != g.Codec.Origin:
		return newProblem(http.StatusForbidden, "not-allowed", "Not from this page", "only the Web UI that gateway.web_ui names may ask by a session")
	case !may:
		return newProblem(http.StatusForbidden, "scope-missing", "The session does not permit this", "it lacks the scope operate, or all: histories are those of all clients")
	}
	if wait := keys.wait(name); wait > 0 {
		return tooFast(wait)
	}
	return nil
}

// serveCodec answers a request. Its errors quote nothing of the body.
func (g *Gateway) serveCodec(w http.ResponseWriter, r *http.Request, does func([]*commonpb.Payload) ([]*commonpb.Payload, error)) error {
	// The command line sends an empty one where it was told none (temporal 1.5.1).
	if named := r.Header.Get("X-Namespace"); named != "" && named != g.Codec.Namespace {
		return refusedParameter("X-Namespace", "must be the namespace that the gateway serves")
	}
	body, err := readJSON(w, r, maxCodec)
	if err != nil {
		return err
	}
	var asked, done commonpb.Payloads
	if protojson.Unmarshal(body, &asked) != nil {
		return refusedBody("", `must be {"payloads": [...]} in Temporal's JSON`)
	}
	total := 0
	for _, payload := range asked.GetPayloads() {
		one, err := does([]*commonpb.Payload{payload})
		if err != nil {
			return refusedBody("/payloads", "holds one that cannot be converted")
		}
		done.Payloads = append(done.Payloads, one...)
		if total += proto.Size(one[0]); total > mostDecoded {
			return &http.MaxBytesError{Limit: mostDecoded}
		}
	}
	answer, err := protojson.Marshal(&done)
	if err != nil {
		return refusedBody("/payloads", "holds one that cannot be converted")
	}
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(answer)
	return nil
}
