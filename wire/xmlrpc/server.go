package xmlrpc

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"domainprovisioning/wire/exchange"
)

// Fault codes that a Handler sends itself, by the XML-RPC interoperability
// convention.
const (
	FaultParse    = -32700 // the request is unreadable
	FaultInternal = -32603 // the function failed with an error that is not a *Fault
)

// Func serves one call. The value must not be nil. A *Fault error becomes that
// fault; any other error becomes FaultInternal without its text.
type Func func(ctx context.Context, method string, params []any) (any, error)

// Handler serves XML-RPC over HTTP: POST only, with a limited size, always with
// a length. An unreadable call gets a fault with status 200; one that is too
// large gets status 413.
type Handler struct {
	Serve  Func
	Limits Limits
	// FaultText, if set, encodes the texts of faults, as some servers do.
	FaultText func(string) string
	// OnError, if set, is called with errors that the caller does not see in full.
	OnError func(method string, err error)
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	limits := h.Limits.withDefaults()
	if r.ContentLength > limits.MaxBytes {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	var method string
	var params []any
	document, err := exchange.ReadBody(http.MaxBytesReader(w, r.Body, limits.MaxBytes), r.ContentLength, limits.MaxBytes)
	if err == nil {
		document, err = strict(document, r.Header.Get("Content-Type"))
	}
	if err == nil {
		method, params, err = decodeCall(document, limits)
	}
	if err != nil {
		h.report("", err)
		if _, over := errors.AsType[*http.MaxBytesError](err); over {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		h.Refuse(w, FaultParse, "the request cannot be read"+reason(err))
		return
	}
	value, err := h.Serve(r.Context(), method, params)
	if fault, ok := errors.AsType[*Fault](err); ok {
		h.Refuse(w, fault.Code, fault.Text)
		return
	}
	if err == nil {
		document, err = EncodeResponse(value)
	}
	if err != nil {
		h.report(method, err)
		document = h.fault(FaultInternal, "internal error")
	}
	writeXML(w, document)
}

// reason says why a call cannot be decoded, with line and place, if that is why it cannot be
// read. It contains no value.
func reason(err error) string {
	for _, known := range []error{
		ErrMalformed, ErrTooLarge, ErrTooDeep, ErrTooManyValues, ErrDoctype, ErrNil, ErrDuplicateMember, ErrCharset,
	} {
		if errors.Is(err, known) {
			return ": " + strings.TrimPrefix(err.Error(), "xmlrpc: ")
		}
	}
	return ""
}

// Refuse answers with a fault. It is also for calls that are not to be read at all.
func (h *Handler) Refuse(w http.ResponseWriter, code int, text string) {
	writeXML(w, h.fault(code, text))
}

func (h *Handler) fault(code int, text string) []byte {
	if h.FaultText != nil {
		text = h.FaultText(text)
	}
	return EncodeFault(code, text)
}

func (h *Handler) report(method string, err error) {
	if h.OnError != nil {
		h.OnError(method, err)
	}
}

func writeXML(w http.ResponseWriter, document []byte) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(document)))
	// The status is sent with the first byte; the client will notice a broken
	// connection.
	_, _ = w.Write(document) //nolint:gosec // it is XML, and its texts are escaped
}
