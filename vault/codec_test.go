package vault

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
)

func key(id string) CodecKey {
	return CodecKey{ID: id, Material: bytes.Repeat([]byte{id[len(id)-1]}, CodecKeyBytes)}
}

func codec(t *testing.T, seal bool, ids ...string) *Codec {
	t.Helper()
	keys := make([]CodecKey, len(ids))
	for n, id := range ids {
		keys[n] = key(id)
	}
	made, err := NewCodec(keys, seal)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func plain(data string) *commonpb.Payload {
	return &commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte("json/plain"), "messageType": []byte("marker-type")},
		Data:     []byte(data),
	}
}

func seal(t *testing.T, with *Codec, data string) *commonpb.Payload {
	t.Helper()
	sealed, err := with.Encode([]*commonpb.Payload{plain(data)})
	if err != nil {
		t.Fatal(err)
	}
	return sealed[0]
}

func openOne(t *testing.T, with *Codec, payload *commonpb.Payload) *commonpb.Payload {
	t.Helper()
	opened, err := with.Decode([]*commonpb.Payload{payload})
	if err != nil || len(opened) != 1 {
		t.Fatalf("%v, %v", opened, err)
	}
	return opened[0]
}

func TestSealedPayloadsOpenAndShowNothing(t *testing.T) {
	for _, size := range []int{0, 1, compressFrom - 1, compressFrom, 100_000, mostUnpacked + 1} {
		data := strings.Repeat("marker", size/6+1)[:size]
		sealed := seal(t, codec(t, true, "h1"), data)
		if whole, _ := proto.Marshal(sealed); bytes.Contains(whole, []byte("marker")) {
			t.Errorf("%d bytes: the sealed payload shows what is in it", size)
		}
		if id, ok := SealedBy(sealed); !ok || id != "h1" {
			t.Errorf("%d bytes: sealed by %q, %t", size, id, ok)
		}
		if got := openOne(t, codec(t, false, "h2", "h1"), sealed); !proto.Equal(got, plain(data)) {
			t.Errorf("%d bytes: opened as something else", size)
		}
		if size > 10*compressFrom && size <= mostUnpacked && len(sealed.GetData()) > size/10 {
			t.Errorf("%d bytes that repeat became %d", size, len(sealed.GetData()))
		}
		if most := len(data) + 100; len(sealed.GetData()) > most {
			t.Errorf("%d bytes became %d", size, len(sealed.GetData()))
		}
	}
}

func TestTheFirstKeySealsAndAllOpen(t *testing.T) {
	old := seal(t, codec(t, true, "h1"), "a")
	rotated := codec(t, true, "h2", "h1")
	if id, _ := SealedBy(seal(t, rotated, "b")); id != "h2" {
		t.Errorf("sealed by %q", id)
	}
	if got := openOne(t, rotated, old); string(got.GetData()) != "a" {
		t.Errorf("got %q", got.GetData())
	}
	twice, err := rotated.Encode([]*commonpb.Payload{old})
	if err != nil || !proto.Equal(twice[0], old) {
		t.Errorf("what is sealed was sealed once more: %v", err)
	}
}

func TestPlainPayloadsStayPlainUnlessSealing(t *testing.T) {
	for name, c := range map[string]*Codec{"no key": codec(t, true), "keys that only open": codec(t, false, "h1")} {
		if c.Seals() {
			t.Errorf("%s: seals", name)
		}
		if got := seal(t, c, "a"); !proto.Equal(got, plain("a")) {
			t.Errorf("%s: sealed", name)
		}
	}
	if got := openOne(t, codec(t, true, "h1"), plain("a")); !proto.Equal(got, plain("a")) {
		t.Errorf("what was written plain reads %v", got)
	}
}

// altered returns payloads that do not open, by what was done to them.
func altered(t *testing.T) map[string]*commonpb.Payload {
	t.Helper()
	all := map[string]*commonpb.Payload{}
	change := func(name string, do func(*commonpb.Payload)) {
		payload := seal(t, codec(t, true, "h1"), "a secret")
		do(payload)
		all[name] = payload
	}
	change("another key's", func(p *commonpb.Payload) { p.Metadata[KeyMetadata] = []byte("h2") })
	change("an unknown key's", func(p *commonpb.Payload) { p.Metadata[KeyMetadata] = []byte("h9") })
	change("no key's", func(p *commonpb.Payload) { delete(p.GetMetadata(), KeyMetadata) })
	change("one bit", func(p *commonpb.Payload) { p.Data[len(p.GetData())/2] ^= 1 })
	change("cut", func(p *commonpb.Payload) { p.Data = p.GetData()[:len(p.GetData())-1] })
	change("empty", func(p *commonpb.Payload) { p.Data = nil })
	raw := func(name string, content []byte) {
		data, err := codec(t, true, "h1").keys["h1"].Encrypt(content, boundTo("h1"))
		if err != nil {
			t.Fatal(err)
		}
		change(name, func(p *commonpb.Payload) { p.Data = data })
	}
	var bomb bytes.Buffer
	bomb.WriteByte(deflated)
	writer, _ := flate.NewWriter(&bomb, flate.BestSpeed)
	_, _ = writer.Write(make([]byte, mostUnpacked+1))
	_ = writer.Close()
	raw("too large when unpacked", bomb.Bytes())
	raw("packed in an unknown way", []byte{7, 1, 2})
	raw("not deflated", []byte{deflated, 0xff, 0xff})
	raw("nothing", []byte{})
	raw("no payload", []byte{asItIs, 0xff})
	return all
}

func TestWhatCannotBeOpenedIsPassedOn(t *testing.T) {
	with := codec(t, true, "h1", "h2")
	for name, payload := range altered(t) {
		good := seal(t, with, "good")
		got, err := with.Decode([]*commonpb.Payload{payload, good})
		if err != nil || !proto.Equal(got[0], payload) || string(got[1].GetData()) != "good" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if _, err := with.open(payload); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClientsGetAnErrorAndWorkersPanic(t *testing.T) {
	with := codec(t, true, "h1", "h2")
	payload := altered(t)["an unknown key's"]
	payloads := &commonpb.Payloads{Payloads: []*commonpb.Payload{payload}}
	reads := map[string]func(converter.DataConverter) error{
		"one":     func(c converter.DataConverter) error { return c.FromPayload(payload, new(string)) },
		"several": func(c converter.DataConverter) error { return c.FromPayloads(payloads, new(string)) },
	}
	workers := with.ForWorkers().Data
	aware, ok := workers.(workflow.ContextAware)
	if !ok {
		t.Fatal("the SDK cannot say where a worker's converter is used")
	}
	for name, read := range reads {
		err := read(with.ForClients().Data)
		if !errors.Is(err, ErrSealed) || !strings.Contains(err.Error(), `"h9"`) {
			t.Errorf("%s: a client got %v", name, err)
		}
		if got := panicOf(func() { _ = read(workers) }); !errors.Is(got, ErrSealed) {
			t.Errorf("%s: a worker saw %v", name, got)
		}
		if err := read(aware.WithContext(t.Context())); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: an activity got %v", name, err)
		}
	}
}

func panicOf(do func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			var ok bool
			if err, ok = p.(error); !ok {
				err = fmt.Errorf("%v", p)
			}
		}
	}()
	do()
	return nil
}

func TestFailuresAreSealedWithTheirDetails(t *testing.T) {
	failed := temporal.NewApplicationError("marker message", "Temporary", "marker detail")
	converters := codec(t, true, "h1").ForClients()
	failure := converters.Failure.ErrorToFailure(failed)
	if whole, _ := proto.Marshal(failure); bytes.Contains(whole, []byte("marker")) {
		t.Error("the failure shows its text")
	}
	if failure.GetApplicationFailureInfo().GetType() != "Temporary" {
		t.Error("the type of a failure, which is always plain, was lost")
	}
	lacking := codec(t, true, "h2")
	if got := panicOf(func() { _ = lacking.ForWorkers().Failure.FailureToError(proto.CloneOf(failure)) }); !errors.Is(got, ErrSealed) {
		t.Errorf("a worker without the key took the failure for another one: %v", got)
	}
	var unread string
	other, _ := errors.AsType[*temporal.ApplicationError](lacking.ForClients().Failure.FailureToError(proto.CloneOf(failure)))
	if err := other.Details(&unread); !errors.Is(err, ErrSealed) {
		t.Errorf("a client without the key read %q, %v", unread, err)
	}
	back, _ := errors.AsType[*temporal.ApplicationError](converters.Failure.FailureToError(failure))
	var detail string
	if err := back.Details(&detail); err != nil || back.Message() != "marker message" || detail != "marker detail" {
		t.Errorf("%v, %q, %v", back, detail, err)
	}
	if plain := codec(t, false, "h1").ForClients().Failure.ErrorToFailure(failed); plain.GetMessage() != "marker message" {
		t.Error("a codec that seals nothing hides the message of a failure")
	}
}

func TestWhatNobodyReadsNeedsNoKey(t *testing.T) {
	with := codec(t, true, "h1").ForWorkers().Data
	both := &commonpb.Payloads{Payloads: []*commonpb.Payload{seal(t, codec(t, true, "h1"), `"read"`), seal(t, codec(t, true, "h2"), `"unread"`)}}
	var first string
	if err := with.FromPayloads(both, &first); err != nil || first != "read" {
		t.Errorf("%q, %v", first, err)
	}
	if err := with.FromPayloads(nil, new(string)); err != nil {
		t.Error(err)
	}
	if err := with.FromPayload(nil, new(string)); err != nil {
		t.Error(err)
	}
}

func TestKeysOfTheCodecAreChecked(t *testing.T) {
	short := key("h1")
	short.Material = short.Material[1:]
	for want, keys := range map[string][]CodecKey{
		"1 to 16 letters": {{ID: "a b", Material: key("h1").Material}},
		"given twice":     {key("h1"), key("h1")},
		"32 bytes":        {short},
	} {
		if _, err := NewCodec(keys, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestTheCodecMayBeUsedByManyAtOnce(t *testing.T) {
	with := codec(t, true, "h1")
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			data := strings.Repeat(string(rune('a'+n)), 3*compressFrom)
			for range 50 {
				if got := openOne(t, with, seal(t, with, data)); string(got.GetData()) != data {
					t.Error("another's data came back")
					return
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkCodec seals and opens a payload of the size that most of an order's have, and one that
// is compressed.
func BenchmarkCodec(b *testing.B) {
	with, err := NewCodec([]CodecKey{key("h1")}, true)
	if err != nil {
		b.Fatal(err)
	}
	for name, data := range map[string]string{"300 bytes": strings.Repeat("0123456789", 30), "3 KB": strings.Repeat("name: value, 0123456789 and more\n", 100)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sealed, err := with.Encode([]*commonpb.Payload{plain(data)})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := with.Decode(sealed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
