package gateway_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

const (
	uiOrigin      = "https://temporal.example"
	codecSecret   = "marker-in-a-payload"
	codecCookieIs = "desk-session"
)

// beginCodec is a gateway with a codec.
func beginCodec(t *testing.T, changes ...func(*gateway.Options)) (*fixture, *vault.Codec) {
	t.Helper()
	codec, err := vault.NewCodec([]vault.CodecKey{{ID: "h1", Material: bytes.Repeat([]byte("k"), vault.CodecKeyBytes)}}, true)
	if err != nil {
		t.Fatal(err)
	}
	served := func(o *gateway.Options) {
		o.Codec = gateway.Codec{Payloads: codec, Namespace: "default", Origin: uiOrigin}
	}
	return begin(t, outside.Options{}, append([]func(*gateway.Options){served}, changes...)...), codec
}

// body is a request about one payload.
func codecBody(t *testing.T, payload *commonpb.Payload) string {
	t.Helper()
	body, err := protojson.Marshal(&commonpb.Payloads{Payloads: []*commonpb.Payload{payload}})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// sealedBody is a request with one sealed payload.
func sealedBody(t *testing.T, codec *vault.Codec, data string) string {
	t.Helper()
	sealed, err := codec.Encode([]*commonpb.Payload{{Metadata: map[string][]byte{converter.MetadataEncoding: []byte("json/plain")}, Data: []byte(data)}})
	if err != nil {
		t.Fatal(err)
	}
	return codecBody(t, sealed[0])
}

// codec makes a request to the codec; headers alternates names and values.
func (f *fixture) codec(method, path, body string, headers ...string) reply {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Namespace", "default")
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			request.Header.Del(headers[i])
		} else {
			request.Header.Set(headers[i], headers[i+1])
		}
	}
	return f.exchange(request)
}

// session logs a key in, and returns its cookie.
func (f *fixture) session(name string, scopes ...store.Scope) string {
	f.t.Helper()
	key, _, err := f.Store.CreateAPIKey(f.t.Context(), name, "", scopes, "test")
	if err != nil {
		f.t.Fatal(err)
	}
	token, err := f.Store.BeginDeskSession(f.t.Context(), key)
	if err != nil {
		f.t.Fatal(err)
	}
	return codecCookieIs + "=" + token.Reveal()
}

// TestTheCommandLineDecodes speaks as Temporal's own client does, with an API key.
func TestTheCommandLineDecodes(t *testing.T) {
	f, codec := beginCodec(t)
	remote := converter.NewRemotePayloadCodec(converter.RemotePayloadCodecOptions{Endpoint: f.url + "/codec", ModifyRequest: func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+f.all)
		r.Header.Set("X-Namespace", "default")
		return nil
	}})
	plain := &commonpb.Payload{Metadata: map[string][]byte{converter.MetadataEncoding: []byte("json/plain")}, Data: []byte(codecSecret)}
	sealed, err := remote.Encode([]*commonpb.Payload{plain, plain})
	if err != nil || len(sealed) != 2 {
		t.Fatalf("%v, %v", sealed, err)
	}
	if id, ok := vault.SealedBy(sealed[1]); !ok || id != "h1" {
		t.Errorf("it was sealed by %q", id)
	}
	unknown := proto.CloneOf(sealed[0])
	unknown.Metadata[vault.KeyMetadata] = []byte("h9")
	opened, err := remote.Decode([]*commonpb.Payload{sealed[0], unknown, plain})
	if err != nil || !proto.Equal(opened[0], plain) || !proto.Equal(opened[1], unknown) || !proto.Equal(opened[2], plain) {
		t.Errorf("%v, %v", opened, err)
	}
	if ours, err := codec.Decode(sealed); err != nil || !proto.Equal(ours[0], plain) {
		t.Errorf("the program opens %v, %v", ours, err)
	}
	if log := f.log.String(); strings.Contains(log, codecSecret) || strings.Contains(log, f.all) || !strings.Contains(log, "caller=all") {
		t.Errorf("the log says too much, or not who asked:\n%s", log)
	}
}

func TestWhoMayDecode(t *testing.T) {
	f, codec := beginCodec(t)
	operator, reader := f.session("anna", store.ScopeOperate, store.ScopeAll), f.session("rita", store.ScopeRead, store.ScopeAll)
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"a key that may operate":            {[]string{"Authorization", "Bearer " + f.all}, http.StatusOK},
		"a client's key":                    {[]string{"Authorization", "Bearer " + f.keyOf("web")}, http.StatusForbidden},
		"a client's session":                {[]string{"Cookie", f.session("till", store.ScopeOperate), "Origin", uiOrigin}, http.StatusForbidden},
		"a key that may read":               {[]string{"Authorization", "Bearer " + f.read}, http.StatusForbidden},
		"an unknown key":                    {[]string{"Authorization", "Bearer dpk_x"}, http.StatusUnauthorized},
		"nobody":                            {nil, http.StatusUnauthorized},
		"nobody from the Web UI":            {[]string{"Origin", uiOrigin}, http.StatusUnauthorized},
		"a session from the Web UI":         {[]string{"Cookie", operator, "Origin", uiOrigin}, http.StatusOK},
		"a session from another site":       {[]string{"Cookie", operator, "Origin", "https://evil.example"}, http.StatusForbidden},
		"a session from nowhere":            {[]string{"Cookie", operator}, http.StatusForbidden},
		"a session that may read":           {[]string{"Cookie", reader, "Origin", uiOrigin}, http.StatusForbidden},
		"no session any more":               {[]string{"Cookie", operator + "x", "Origin", uiOrigin}, http.StatusUnauthorized},
		"a key of the Web UI's own, beside": {[]string{"Cookie", operator, "Origin", uiOrigin, "Authorization", "Bearer dpk_x"}, http.StatusUnauthorized},
	} {
		for _, path := range []string{"/codec/decode", "/codec/decode?preserveStorageRefs=true", "/codec/encode"} {
			got := f.codec(http.MethodPost, path, sealedBody(t, codec, codecSecret), c.headers...)
			if got.status != c.status {
				t.Errorf("%s, %s: %d %s", name, path, got.status, got.body)
			}
			if got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: may be cached", name)
			}
			allowed := got.header.Get("Access-Control-Allow-Origin")
			if fromUI := strings.Contains(strings.Join(c.headers, " "), uiOrigin); fromUI != (allowed == uiOrigin) || !fromUI && allowed != "" {
				t.Errorf("%s: the origin %q may read it", name, allowed)
			}
		}
	}
	if log := f.log.String(); strings.Contains(log, codecSecret) || strings.Contains(log, operator) || !strings.Contains(log, "anna") {
		t.Error("the log says too much, or not who asked")
	}
}

func TestTheWebUIAsksFirst(t *testing.T) {
	f, _ := beginCodec(t)
	for origin, want := range map[string]string{uiOrigin: uiOrigin, "https://evil.example": "", "": ""} {
		got := f.codec(http.MethodOptions, "/codec/decode", "", "Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,x-namespace")
		if got.status != http.StatusNoContent || got.header.Get("Access-Control-Allow-Origin") != want || got.header.Get("Vary") != "Origin" {
			t.Errorf("%q: %d %v", origin, got.status, got.header)
		}
		if may := got.header.Get("Access-Control-Allow-Headers"); (want != "") != strings.Contains(may, "X-Namespace") {
			t.Errorf("%q may send %q", origin, may)
		}
	}
}

func TestTheCodecIsAskedAsTheProtocolSays(t *testing.T) {
	f, codec := beginCodec(t)
	key := []string{"Authorization", "Bearer " + f.all}
	zeros := strings.Repeat("0", 4_000_000)
	one := sealedBody(t, codec, zeros)
	many := `{"payloads":[` + strings.TrimSuffix(strings.Repeat(strings.TrimSuffix(strings.TrimPrefix(one, `{"payloads":[`), `]}`)+",", 10), ",") + `]}`
	for name, c := range map[string]struct {
		method, body string
		headers      []string
		status       int
	}{
		"another namespace":          {http.MethodPost, `{"payloads":[]}`, []string{"X-Namespace", "other"}, http.StatusBadRequest},
		"no namespace":               {http.MethodPost, `{"payloads":[]}`, []string{"X-Namespace", ""}, http.StatusOK},
		"no JSON":                    {http.MethodPost, codecSecret, nil, http.StatusBadRequest},
		"other JSON":                 {http.MethodPost, `{"payload":"` + codecSecret + `"}`, nil, http.StatusBadRequest},
		"another type":               {http.MethodPost, `{"payloads":[]}`, []string{"Content-Type", "text/plain"}, http.StatusUnsupportedMediaType},
		"none":                       {http.MethodPost, `{"payloads":[]}`, nil, http.StatusOK},
		"a large one":                {http.MethodPost, one, nil, http.StatusOK},
		"too much when it is opened": {http.MethodPost, many, nil, http.StatusRequestEntityTooLarge},
		"too large":                  {http.MethodPost, strings.Repeat(" ", 7<<20), nil, http.StatusRequestEntityTooLarge},
		"another method":             {http.MethodGet, "", nil, http.StatusMethodNotAllowed},
	} {
		got := f.codec(c.method, "/codec/decode", c.body, append(key, c.headers...)...)
		if got.status != c.status || strings.Contains(got.body, codecSecret) {
			t.Errorf("%s: %d %.200s", name, got.status, got.body)
		}
	}
	if strings.Contains(f.log.String(), codecSecret) {
		t.Error("the log quotes a body")
	}
}

func TestDecodingHasItsRate(t *testing.T) {
	f, codec := beginCodec(t, func(o *gateway.Options) { o.RequestsPerSecond, o.Burst = 0.001, 1 })
	operator := f.session("anna", store.ScopeOperate, store.ScopeAll)
	for name, headers := range map[string][]string{
		"key": {"Authorization", "Bearer " + f.all}, "session": {"Cookie", operator, "Origin", uiOrigin},
	} {
		answers := map[int]int{}
		for range 15 {
			answers[f.codec(http.MethodPost, "/codec/decode", sealedBody(t, codec, "x"), headers...).status]++
		}
		if answers[http.StatusOK] != 10 || answers[http.StatusTooManyRequests] != 5 {
			t.Errorf("%s: %v", name, answers)
		}
	}
}
